import { cpus, totalmem } from 'node:os';
import { run } from '../child.ts';
import { rgwScript } from './rgw.ts';
import type { Tool } from './tools.ts';

const peers = ['/usr/bin/rclone', '/usr/bin/aws'] as const;

/** Installs what `tools` need of Debian's packages, the server among it, where that is missing. */
export async function prepare(tools: readonly Tool[]): Promise<void> {
  const options = { cwd: '/', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 900_000 };
  const must = async (...command: string[]) => {
    const { exit, stderr } = await run(command, options);
    if (exit !== 0) throw new Error(`${command.join(' ')}: exit ${exit}: ${stderr.slice(-2000)}`);
  };
  const wanted = tools.some(({ name }) => name !== 'cairn') ? peers : [];
  const found = await Promise.all(wanted.map((peer) => run(['test', '-x', peer], options)));
  if (found.some(({ exit }) => exit !== 0)) {
    await must('apt-get', 'update', '-qq');
    await must('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'rclone', 'awscli');
  }
  if (tools.some(({ target }) => target === 'rgw')) await must(rgwScript, 'install');
}

/** What the figures were measured on, for the reader of the table: what is not installed took no part. */
export async function machine(): Promise<string> {
  const firstLine = async (...command: string[]) => {
    const { stdout, stderr } = await run(command, { cwd: '/', env: process.env }).catch(() => ({
      stdout: '',
      stderr: '',
    }));
    return `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
  };
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const versions = await Promise.all([
    firstLine('/usr/bin/rclone', 'version'),
    firstLine('/usr/bin/aws', '--version').then((line) => line.split(' ')[0]),
    firstLine('radosgw', '--version'),
  ]);
  const cores = cpus();
  return [`${cores.length} cores (${cores[0]?.model}), ${memory}`, `Node ${process.versions.node}`, ...versions]
    .filter((known) => known !== '')
    .join('; ');
}

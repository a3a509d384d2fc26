import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly bin: string;
  /** The runtime that it asks for, as a package, where that is not the one of this program. */
  readonly node?: { readonly name: string; readonly version: string };
}

/** The command that runs the agent, installed from the npm registry into the cache unless it is there. */
export async function install(wanted: Package): Promise<readonly string[]> {
  const { bin, node } = wanted;
  const folder = join(await installed(wanted), ...wanted.name.split('/').map(() => '..'), '..');
  const program = join(folder, 'node_modules/.bin', bin);
  return node ? [join(folder, 'node_modules', node.name, 'bin/node'), await realpath(program)] : [program];
}

/** The folder of the package, likewise. */
export async function installed({ name, version, bin, node }: Package): Promise<string> {
  const folder = join(cacheFolder(), `${bin}-${version}`);
  if ((await installedVersion(folder, name)) !== version) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private":true}\n');
    // The runtime first: the agent's own installation may ask for it.
    const runtime = node && join(folder, 'node_modules', node.name, 'bin');
    for (const wanted of [...(node ? [`${node.name}@${node.version}`] : []), `${name}@${version}`]) {
      const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', wanted];
      const env = { ...process.env, PATH: [runtime, process.env.PATH].filter(Boolean).join(':') };
      await promisify(execFile)('npm', args, { cwd: folder, env });
    }
  }
  return join(folder, 'node_modules', name);
}

function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.CAIRN_E2E_CACHE || join(cache, 'cairn-e2e');
}

async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  const file = join(folder, 'node_modules', name, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version;
}

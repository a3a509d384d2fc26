import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly bin: string;
}

/** The agent's program, installed from the npm registry into the cache unless it is there. */
export async function install({ name, version, bin }: Package): Promise<string> {
  const folder = join(cacheFolder(), `${bin}-${version}`);
  if ((await installedVersion(folder, name)) !== version) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private":true}\n');
    const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`];
    await promisify(execFile)('npm', args, { cwd: folder });
  }
  return join(folder, 'node_modules/.bin', bin);
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

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type App, joinProject, openApp, type Project, systemRuntime, thisHost } from '../../../src/index.ts';
import { run } from '../../child.ts';
import { startRgw } from '../rgw.ts';

/** A bucket to measure on. */
export interface Place {
  readonly name: string;
  readonly bucket: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** What else its figures depend on. */
  readonly remark: string;
  close(): Promise<void>;
}

/** One agent with a connection of its own. */
export interface Client {
  readonly app: App;
  readonly project: Project;
}

export async function directoryPlace(): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
  const bucket = pathToFileURL(join(home, 'bucket')).href;
  const remark = await describeDisk(home);
  return { name: 'directory', bucket, home, env: {}, remark, close: () => rm(home, { recursive: true }) };
}

/** Its file system, and what it takes to make a file of one slot durable. */
async function describeDisk(folder: string): Promise<string> {
  const { stdout } = await run(['stat', '--file-system', '--format=%T', folder], { cwd: folder, env: process.env });
  const took: number[] = [];
  for (let i = 0; i < 200; i++) {
    const file = await open(join(folder, `fsync-${i}`), 'wx');
    await file.writeFile('x'.repeat(400));
    const start = performance.now();
    await file.sync();
    took.push(performance.now() - start);
    await file.close();
  }
  const ms = (p: number) => quantile(took, p).toFixed(2);
  return `File system: ${stdout.toString().trim()}; fsync of a new file of 400 bytes: p50 ${ms(0.5)} ms, p95 ${ms(0.95)} ms. A slot costs two, of the file and of its folder.`;
}

export async function rgwPlace(): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
  const rgw = await startRgw();
  const bucket = `s3://${rgw.bucket}/${systemRuntime().id()}?endpoint=${encodeURIComponent(rgw.endpoint)}`;
  // The client reads its credentials from the environment of this process.
  Object.assign(process.env, rgw.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  return {
    name: 'Ceph RGW',
    bucket,
    home,
    env: rgw.env,
    remark: 'One node on loopback, data in memory, on the same cores as the agents.',
    async close() {
      await rgw.stop();
      await rm(home, { recursive: true });
    },
  };
}

export async function connect(place: Place, agent: string, options: { readonly ttlMs?: number } = {}): Promise<Client> {
  const host = thisHost();
  const env = { ...host.env, ...place.env, CAIRN_STATE: join(place.home, 'state') };
  const app = await openApp({ bucket: place.bucket, project: 'bench', agent }, { ...host, home: place.home, env });
  return { app, project: await joinProject(app, { ttlMs: options.ttlMs ?? 600_000, onClose: () => app.close() }) };
}

/** The value below which a share `p` of all lies. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

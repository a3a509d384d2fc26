import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../child.ts';

export const rgwScript = join(import.meta.dirname, '../../../test/rgw/ceph-rgw.sh');

/** Beside the port of the tests, whose server may be running. */
const port = process.env.CEPH_RGW_PORT ?? '7490';

/** A Ceph RGW of its own, with an empty bucket. */
export interface Rgw {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What a client needs to reach it. */
  readonly env: NodeJS.ProcessEnv;
  /** Requests that the server has answered since it was started, by its access log. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRgw(): Promise<Rgw> {
  const parent = await mkdtemp(join(tmpdir(), 'cairn-bench-rgw-'));
  const folder = join(parent, 'server'); // the script makes it, and refuses one that it did not make
  const exported = (await script('start', folder)).matchAll(/^export (\w+)=(.*)$/gm);
  const env = Object.fromEntries([...exported].map(([, name, value]) => [name, value]));
  return {
    endpoint: env.AWS_ENDPOINT_URL_S3,
    region: env.AWS_REGION,
    bucket: env.CAIRN_TEST_S3_BUCKET,
    env,
    requests: () => requests(join(folder, 'client.rgw.log')),
    async stop() {
      await script('stop', folder);
      await rm(parent, { recursive: true });
    },
  };
}

/** The access log lags behind the answers: two equal readings in a row are taken for its end, or the fourth while others ask on. */
async function requests(log: string): Promise<number> {
  let count = -1;
  for (let tries = 0; tries < 4; tries++) {
    const before = count;
    count = (await readFile(log, 'latin1')).match(/beast: .*"[A-Z]+ .* HTTP\/1\.1"/g)?.length ?? 0;
    if (count === before) break;
    await sleep(500);
  }
  return count;
}

async function script(command: string, folder: string): Promise<string> {
  const env = { ...process.env, CEPH_RGW_DIR: folder, CEPH_RGW_PORT: port };
  const { exit, stdout, stderr } = await run([rgwScript, command], { cwd: '/', env });
  if (exit !== 0) throw new Error(`${rgwScript} ${command}: exit ${exit}: ${stderr}`);
  return stdout.toString();
}

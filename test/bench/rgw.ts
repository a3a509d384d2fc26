import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../child.ts';

export const rgwScript = join(import.meta.dirname, '../../../test/rgw/ceph-rgw.sh');

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
  const env = Object.fromEntries(
    [...(await rgw('start')).matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  return {
    endpoint: env.AWS_ENDPOINT_URL_S3,
    region: env.AWS_REGION,
    bucket: env.CAIRN_TEST_S3_BUCKET,
    env,
    requests: settled,
    stop: async () => void (await rgw('stop')),
  };
}

/** The access log lags behind the answers: two equal readings in a row are taken for its end. */
async function settled(): Promise<number> {
  for (let before = -1; ; await sleep(500)) {
    const lines = (await rgw('requests')).trim().split('\n').filter(Boolean);
    const count = lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    if (count === before) return count;
    before = count;
  }
}

async function rgw(command: string): Promise<string> {
  const { exit, stdout, stderr } = await run([rgwScript, command], { cwd: '/', env: process.env });
  if (exit !== 0) throw new Error(`${rgwScript} ${command}: exit ${exit}: ${stderr}`);
  return stdout.toString();
}

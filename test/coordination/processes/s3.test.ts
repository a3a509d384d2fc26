import { describe, test } from 'vitest';
import { systemRuntime } from '../../../src/index.ts';
import { temporaryFolder } from '../../mirror/rig.ts';
import type { Place } from './fleet.ts';
import { losingProxy } from './proxy.ts';
import { claims, counter, messages, prepare, zombie } from './scenarios.ts';

const { CAIRN_TEST_S3_BUCKET: bucket, AWS_ENDPOINT_URL_S3: endpoint, CAIRN_LONG } = process.env;
const isLong = CAIRN_LONG === '1';
const size = isLong
  ? { processes: 16, tasks: 100, messages: 100, writers: 100, increments: 100 }
  : { processes: 16, tasks: 20, messages: 5, writers: 16, increments: 5 };
const timeout = isLong ? 3_600_000 : 300_000;
const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];

async function place(through: string): Promise<Place> {
  const home = await temporaryFolder();
  const env = Object.fromEntries(credentials.map((name) => [name, process.env[name]]));
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  return {
    home,
    bucket: `s3://${bucket}/${systemRuntime().id()}?endpoint=${encodeURIComponent(through)}`,
    env: { ...env, ...quiet },
  };
}

/** Through a proxy that loses replies after the server has answered. */
async function throughProxy(work: (place: Place) => Promise<void>): Promise<void> {
  const proxy = await losingProxy(endpoint ?? '', 0.05);
  try {
    const direct = await place(endpoint ?? '');
    await prepare(direct);
    const [url] = direct.bucket.split('?');
    await work({ ...direct, bucket: `${url}?endpoint=${encodeURIComponent(proxy.url)}` });
    if (proxy.lost() === 0 || proxy.cut() === 0) throw new Error('no reply was lost, or none was cut off');
  } finally {
    await proxy.close();
  }
}

describe.skipIf(bucket === undefined || endpoint === undefined)('on the S3 server of the environment', () => {
  test('16 processes take tasks, a third is killed, replies are lost', { timeout }, () =>
    throughProxy((at) => claims(at, size)),
  );
  test('a process stopped beyond its time to live finishes nothing', { timeout }, async () =>
    zombie(await place(endpoint ?? '')),
  );
  test('16 senders, some killed, replies lost: no message lost or doubled', { timeout }, () =>
    throughProxy((at) => messages(at, size)),
  );
  test(`${size.writers} writers count to ${size.writers * size.increments}, replies are lost`, { timeout }, () =>
    throughProxy((at) => counter(at, size)),
  );
});

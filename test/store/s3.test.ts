import { afterAll, beforeAll, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { storeContract } from './contract.ts';
import { realS3Url } from './real-s3.ts';
import { testRuntime } from './runtime.ts';
import { type S3Double, startS3Double } from './s3-double.ts';

let double: S3Double;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  double = await startS3Double();
});
afterAll(() => double.close());

const runtime = testRuntime();
const open = (url: string): Promise<BucketStore> => openStore(url, { env: {}, runtime });

storeContract('S3, in-process double', async () => ({
  store: await open(`s3://double/${runtime.id()}?endpoint=${double.endpoint}`),
  prefix: 'run/',
}));

if (realS3Url('') === undefined) {
  console.warn(
    'SKIPPED: the contract of a real S3 server. Set CAIRN_TEST_S3 to a bucket URL, or run: eval "$(test/rgw/ceph-rgw.sh start)"',
  );
  it.skip('contract of S3, real server', () => {});
} else {
  storeContract('S3, real server', async () => ({ store: await open(realS3Url(runtime.id()) ?? ''), prefix: 'run/' }));
}

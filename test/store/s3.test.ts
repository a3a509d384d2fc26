import { afterAll, beforeAll, describe, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { storeContract } from './contract.ts';
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

const { CAIRN_TEST_S3_BUCKET: bucket, AWS_ENDPOINT_URL_S3: endpoint } = process.env;
if (bucket !== undefined && endpoint !== undefined) {
  storeContract(`S3, ${endpoint}`, async () => ({
    store: await open(`s3://${bucket}/${runtime.id()}?endpoint=${endpoint}`),
    prefix: 'run/',
  }));
} else {
  describe('contract of S3, real server', () => {
    it.skip('SKIPPED: no real S3 server (set AWS_ENDPOINT_URL_S3 and CAIRN_TEST_S3_BUCKET; test/rgw/ceph-rgw.sh starts one)', () => {});
  });
}

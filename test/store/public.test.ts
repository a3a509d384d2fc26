import { CreateBucketCommand, DeleteBucketCommand, PutBucketAclCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { isPublic } from '../../src/store/open.ts';
import { realS3Url } from './real-s3.ts';
import { testRuntime } from './runtime.ts';
import { startS3Double } from './s3-double.ts';

const runtime = testRuntime();
const place = { prefix: 'p/', key: 'p/format.json' };

test('a folder and memory have no strangers', async () => {
  expect(await isPublic('file:///nowhere', { env: {}, runtime }, place)).toBe(false);
  expect(await isPublic('memory:', { env: {}, runtime }, place)).toBe(false);
});

test('a server that answers whoever asks is told; one that cannot be reached is not', async () => {
  const double = await startS3Double();
  const url = `s3://double?endpoint=${double.endpoint}`;
  expect(await isPublic(url, { env: {}, runtime }, place)).toBe(true);
  expect(double.requests.every((request) => !request.startsWith('PUT'))).toBe(true);
  await double.close();
  expect(await isPublic(url, { env: {}, runtime }, place)).toBe(false);
});

describe.skipIf(realS3Url('') === undefined)('a real S3 server', () => {
  test('a private bucket is not, one with a public list is', async () => {
    const url = new URL(realS3Url('') ?? '');
    const Bucket = `cairn-public-${runtime.id().slice(0, 8)}`;
    const client = new S3Client({
      endpoint: url.searchParams.get('endpoint') ?? '',
      region: 'us-east-1',
      forcePathStyle: true,
    });
    await client.send(new CreateBucketCommand({ Bucket }));
    try {
      const own = `s3://${Bucket}${url.search}`;
      expect(await isPublic(own, { env: process.env, runtime }, place)).toBe(false);
      await client.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
      expect(await isPublic(own, { env: process.env, runtime }, place)).toBe(true);
    } finally {
      await client.send(new DeleteBucketCommand({ Bucket }));
      client.destroy();
    }
  });
});

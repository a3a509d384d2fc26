import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { testRuntime } from './runtime.ts';

const open = (url: string, env: Record<string, string> = {}) => openStore(url, { env, runtime: testRuntime() });
const urlOf = async (url: string, env?: Record<string, string>) => (await open(url, env)).url;

describe('bucket URLs', () => {
  it.each([
    ['memory:', 'memory:'],
    ['file:///srv/bucket', 'file:///srv/bucket'],
    ['file:///srv/x/../bucket/', 'file:///srv/bucket'],
    ['file:///srv/a%20b', 'file:///srv/a%20b'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://bucket/a/b/?region=eu-west-1', 's3://bucket/a/b'],
    [
      's3://bucket?endpoint=http://127.0.0.1:9000/&pathStyle=true',
      's3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A9000',
    ],
    ['s3://bucket/a%20b?endpoint=https%3A%2F%2Fs3.example', 's3://bucket/a%20b?endpoint=https%3A%2F%2Fs3.example'],
  ])('opens %s', async (url, name) => {
    expect(await urlOf(url)).toBe(name);
  });

  it('takes the endpoint of the environment, which is part of what the bucket is', async () => {
    const env = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' };
    expect(await urlOf('s3://bucket', env)).toBe('s3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A1');
    expect(await urlOf('s3://bucket?endpoint=http://127.0.0.1:3', env)).toContain('A3');
    expect(await urlOf('s3://bucket', { AWS_ENDPOINT_URL: 'http://127.0.0.1:2' })).toContain('A2');
  });

  it.each([
    ['', 'no URL'],
    ['/srv/bucket', 'no URL'],
    ['bucket', 'no URL'],
    ['gs://bucket', 'scheme gs:'],
    ['file://srv/bucket', 'host srv'],
    ['file:///srv/bucket?x=1', '%3F'],
    ['file:///srv/a%2Fb', 'absolute path'],
    ['s3:bucket', 'name of a bucket'],
    ['s3:///prefix', 'name of a bucket'],
    ['s3://b', 'name of a bucket'],
    ['s3://bucket/a//b', 'plain names'],
    ['s3://bucket/a%2F..%2Fb', 'plain names'],
    ['s3://bucket/%ff', '%25'],
    ['s3://bucket?endpoint=127.0.0.1:9000', 'an endpoint like'],
    ['s3://bucket?endpoint=ftp://host', 'an endpoint like'],
    ['s3://bucket?Region=x', 'one of the settings'],
    ['s3://bucket?pathStyle=yes', 'pathStyle=true'],
    ['s3://bucket#x', '%23'],
  ])('refuses %j', async (url, message) => {
    await expect(open(url)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  it.each(['s3://KEY:hidden@bucket', 's3://bucket?endpoint=http://KEY:hidden@host', 's3://bucket?hidden=1&secret=x'])(
    'refuses credentials and does not repeat them: %s',
    async (url) => {
      const error: unknown = await open(url).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'config' });
      if (!url.endsWith('x')) expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
      expect(String(error)).not.toContain('=x');
    },
  );
});

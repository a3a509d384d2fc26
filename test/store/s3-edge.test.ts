import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { testRuntime } from './runtime.ts';
import { type S3Double, startS3Double } from './s3-double.ts';

const text = (value: string) => new TextEncoder().encode(value);

async function listAll(store: BucketStore): Promise<void> {
  for await (const _ of store.list(''));
}

describe('answers of S3 servers', () => {
  const mock = mockClient(S3Client);
  afterEach(() => mock.reset());
  afterAll(() => mock.restore());
  const open = () => openStore('s3://bucket/p?endpoint=http://127.0.0.1:1', { env: {}, runtime: testRuntime() });
  const failure = (status: number | undefined, name: string, headers: Record<string, string> = {}) =>
    Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status }, $response: { headers } });

  it.each([
    [
      failure(412, 'PreconditionFailed', { date: 'Sat, 21 Nov 2026 10:00:00 GMT' }),
      { outcome: 'exists', date: Date.UTC(2026, 10, 21, 10) },
    ],
    [failure(409, 'ConditionalRequestConflict'), { outcome: 'conflict', date: undefined }],
    [failure(429, 'TooManyRequests', { 'retry-after': '7' }), { outcome: 'unknown', retryAfterMs: 7000 }],
    [failure(500, 'InternalError'), { outcome: 'unknown' }],
    [failure(503, 'SlowDown', { 'retry-after': 'soon' }), { outcome: 'unknown' }],
    [failure(undefined, 'TimeoutError'), { outcome: 'unknown' }],
    [failure(400, 'RequestTimeout'), { outcome: 'unknown' }],
  ])('answers a create: %s', async (error, answer) => {
    mock.on(PutObjectCommand).rejects(error);
    expect(await (await open()).create('k', text('x'))).toMatchObject(answer);
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      IfNoneMatch: '*',
      Key: 'p/k',
      ContentLength: 1,
    });
  });

  it.each([
    [failure(403, 'AccessDenied'), 'denied'],
    [failure(401, 'Unauthorized'), 'denied'],
    [failure(400, 'ExpiredToken'), 'denied'],
    [failure(undefined, 'CredentialsProviderError'), 'denied'],
    [failure(403, 'RequestTimeTooSkewed'), 'denied'],
    [failure(403, 'QuotaExceeded'), 'disk-full'],
    [failure(507, 'InsufficientStorage'), 'disk-full'],
    [failure(404, 'NoSuchBucket'), 'not-found'],
    [failure(301, 'PermanentRedirect'), 'config'],
    [failure(400, 'AuthorizationHeaderMalformed'), 'config'],
    [new Error('Region is missing'), 'config'],
    [failure(501, 'NotImplemented'), 'unfit'],
    [failure(400, 'InvalidRequest'), 'unfit'],
    [failure(400, 'EntityTooLarge'), 'too-large'],
  ])('throws with a hint: %s', async (error, code) => {
    mock.onAnyCommand().rejects(error);
    const store = await open();
    const expected = {
      code,
      message: expect.stringMatching(/^expected to .*, got /),
      hint: expect.any(String),
      cause: error,
    };
    await expect(store.create('k', text('x'))).rejects.toMatchObject(expected);
    await expect(store.get('k')).rejects.toMatchObject(expected);
    await expect(store.overwrite('k', text('x'))).rejects.toMatchObject(expected);
    await expect(listAll(store)).rejects.toMatchObject(expected);
  });

  it('takes an absent key for absent, whatever it is called', async () => {
    const store = await open();
    mock.on(GetObjectCommand).rejects(failure(404, 'NoSuchKey'));
    expect(await store.get('k')).toBeUndefined();
    mock.on(GetObjectCommand).rejects(failure(416, 'InvalidRange'));
    mock.on(HeadObjectCommand).rejects(failure(404, 'NotFound'));
    expect(await store.get('k', { range: { start: 0 } })).toBeUndefined();
    mock.onAnyCommand().rejects(failure(404, 'NoSuchKey'));
    await store.remove('k');
  });

  it('does not end a list early where the server forgets how it goes on', async () => {
    mock.on(ListObjectsV2Command).resolves({ $metadata: {}, IsTruncated: true, Contents: [{ Key: 'p/k', Size: 1 }] });
    await expect(listAll(await open())).rejects.toMatchObject({ code: 'unfit' });
  });
});

describe('S3 client', () => {
  let double: S3Double;
  beforeAll(async () => {
    process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
    double = await startS3Double();
  });
  afterAll(() => double.close());
  const open = () => openStore(`s3://double?endpoint=${double.endpoint}`, { env: {}, runtime: testRuntime() });

  it('sends each request once', async () => {
    const store = await open();
    await store.create('k', text('x'));
    for (const method of ['PUT', 'GET', 'LIST', 'DELETE'])
      double.fault(method, { kind: 'status', status: 503, after: false });
    double.requests.length = 0;
    expect((await store.create('k', text('x'))).outcome).toBe('unknown');
    await expect(store.get('k')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(listAll(store)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.remove('k')).rejects.toMatchObject({ code: 'unavailable' });
    expect(double.requests).toEqual(['PUT k', 'GET k', 'LIST ', 'DELETE k']);
  });

  it('takes a body that was cut off for an error', async () => {
    const store = await open();
    await store.create('cut', new Uint8Array(1_000_000));
    double.fault('GET', { kind: 'cut' }, 2);
    await expect((await store.get('cut'))?.bytes()).rejects.toMatchObject({ code: 'unavailable' });
    const unread = await store.get('cut');
    unread?.close();
    expect(await (await store.get('cut'))?.bytes()).toHaveLength(1_000_000);
  });

  it('stops a body when it is aborted', async () => {
    const store = await open();
    await store.create('long', new Uint8Array(3_000_000));
    const controller = new AbortController();
    const object = await store.get('long', { signal: controller.signal });
    const reading = (async () => {
      for await (const _ of object?.body ?? []) controller.abort(new Error('stopped'));
    })();
    await expect(reading).rejects.toThrow('stopped');
  });

  it('stops a request when it is aborted, and when its payload breaks off', async () => {
    const store = await open();
    double.fault('PUT', { kind: 'slow', ms: 60_000 });
    const controller = new AbortController();
    const slow = store.create('slow', text('x'), { signal: controller.signal });
    await vi.waitFor(() => expect(double.requests).toContain('PUT slow'));
    controller.abort(new Error('stopped'));
    await expect(slow).rejects.toThrow('stopped');
    const breaking = {
      size: 10,
      async *open() {
        yield text('12345');
        throw new Error('source is gone');
      },
    };
    await expect(store.create('breaks', breaking)).rejects.toMatchObject({
      code: 'internal',
      cause: new Error('source is gone'),
    });
    expect(double.objects.has('breaks')).toBe(false);
  });

  it('says what is wrong with an endpoint that does not answer', async () => {
    const gone = await startS3Double();
    const store = await openStore(`s3://double?endpoint=${gone.endpoint}`, { env: {}, runtime: testRuntime() });
    await gone.close();
    expect(await store.create('k', text('x'))).toMatchObject({ outcome: 'unknown', cause: { code: 'unavailable' } });
    await expect(store.get('k')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

import type { Readable } from 'node:stream';
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { compareKeys } from './keys.ts';
import { chunksOf, collect, sizeOf } from './payload.ts';
import { bodyOf, receive } from './s3-body.ts';
import { headerOf, isAbsent, s3Error, statusOf } from './s3-errors.ts';
import type { BucketStore, CreateAnswer, GetOptions, ListEntry, Payload, StoredObject } from './types.ts';

/** Where a bucket is. Credentials are found by the SDK's default chain alone. */
export interface S3Location {
  readonly bucket: string;
  /** Put before every key: empty, or ended by `/`. */
  readonly prefix: string;
  /** Absent: AWS. */
  readonly endpoint?: string | undefined;
  /** Absent: as the SDK finds it. */
  readonly region?: string | undefined;
  /** The bucket in the path instead of the host name. */
  readonly pathStyle: boolean;
}

const pageKeys = 1000;
/** Until an answer begins; what is sent gets a second for each 16 KiB on top. */
const answerMs = 20_000;
const sentBytesPerMs = 16;

/** A bucket on an S3-compatible server. Each call is one request, which is never repeated here. */
export async function s3Store(
  location: S3Location,
  url: string,
  runtime: Runtime,
  { anonymous = false }: { readonly anonymous?: boolean } = {},
): Promise<BucketStore> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = makeClient(sdk.S3Client, location, anonymous);
  const { bucket: Bucket, prefix: base } = location;

  /** Gives the store's date. */
  async function put(key: string, payload: Payload, once: boolean, signal: AbortSignal | undefined) {
    const broken = new AbortController();
    const command = new sdk.PutObjectCommand({
      Bucket,
      Key: base + key,
      Body: bodyOf(payload, (error) => broken.abort(error)),
      ContentLength: sizeOf(payload),
      ...(once ? { IfNoneMatch: '*' } : {}),
    });
    try {
      const out = await client.send(command, {
        abortSignal: signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]),
        requestTimeout: answerMs + sizeOf(payload) / sentBytesPerMs,
      });
      return dateOf(out);
    } catch (error) {
      throw broken.signal.aborted ? broken.signal.reason : error;
    }
  }

  async function getRange(key: string, { range, signal }: GetOptions): Promise<StoredObject> {
    const asked = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end ?? ''}` };
    const out = await client.send(new sdk.GetObjectCommand({ Bucket, Key: base + key, ...asked }), sending(signal));
    const size = Number(/\/(\d+)$/.exec(out.ContentRange ?? '')?.[1] ?? out.ContentLength);
    const stream = out.Body as Readable;
    stream.on('error', () => {}); // told to whoever reads; unread it concerns nobody
    if (range !== undefined && out.ContentRange === undefined && (range.start > 0 || (range.end ?? size) < size - 1)) {
      stream.destroy();
      throw new CairnError('unfit', `expected a range of ${key}, got the whole object`);
    }
    const body = receive(stream, `read ${key}`, signal);
    return { ...timesOf(out), size, body, bytes: () => collect(body), close: () => void stream.destroy() };
  }

  /** The object without any byte of it: what a range behind its end gives. */
  async function getNothing(key: string, { signal }: GetOptions): Promise<StoredObject> {
    const out = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: base + key }), sending(signal));
    const body = chunksOf(new Uint8Array());
    return { ...timesOf(out), size: out.ContentLength ?? 0, body, bytes: () => collect(body), close() {} };
  }

  function timesOf(out: { $metadata: object; LastModified?: Date | undefined }) {
    const date = dateOf(out) ?? runtime.now();
    return { date, modified: out.LastModified?.getTime() ?? date };
  }

  return {
    url,

    create: (key, payload, { signal } = {}) =>
      attempt(`create ${key}`, signal, async (): Promise<CreateAnswer> => {
        try {
          return { outcome: 'created', date: await put(key, payload, true, signal) };
        } catch (error) {
          const status = statusOf(error);
          const date = parseDate(headerOf(error, 'date'));
          if (status === 412) return { outcome: 'exists', date };
          const cause = s3Error(error, `create ${key}`);
          if (signal?.aborted || cause.code !== 'unavailable') throw error;
          const pause = cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs };
          return { outcome: status === 409 ? 'conflict' : 'unknown', date, cause, ...pause };
        }
      }),

    overwrite: (key, payload, { signal } = {}) =>
      attempt(`write ${key}`, signal, async () => {
        await put(key, payload, false, signal);
      }),

    get: (key, options = {}) =>
      attempt(`read ${key}`, options.signal, async () => {
        try {
          return await getRange(key, options);
        } catch (error) {
          if (statusOf(error) !== 416) return orAbsent(error);
          return await getNothing(key, options).catch(orAbsent);
        }
      }),

    async *list(prefix, { after = '', delimiter: Delimiter, max = Number.POSITIVE_INFINITY, signal } = {}) {
      let left = max;
      let ContinuationToken: string | undefined;
      while (left > 0) {
        const command = new sdk.ListObjectsV2Command({
          Bucket,
          Prefix: base + prefix,
          MaxKeys: Math.min(left, pageKeys),
          Delimiter,
          ContinuationToken,
          StartAfter: after === '' ? undefined : base + after,
        });
        const page = await attempt(`list ${prefix}`, signal, () => client.send(command, sending(signal)));
        for (const entry of entriesOf(page, base.length, dateOf(page) ?? runtime.now())) {
          // Some stores give the folded prefix that `after` lies in, others do not.
          if (compareKeys(nameOf(entry), after) <= 0) continue;
          yield entry;
          if (--left === 0) return;
        }
        if (!page.IsTruncated) return;
        ContinuationToken = page.NextContinuationToken;
        if (!ContinuationToken) throw new CairnError('unfit', 'expected a list to say how it goes on, got no token');
      }
    },

    remove: (key, { signal } = {}) =>
      attempt(`remove ${key}`, signal, async () => {
        const command = new sdk.DeleteObjectCommand({ Bucket, Key: base + key });
        await client.send(command, sending(signal)).catch(orAbsent);
      }),

    link: (key, { seconds, mediaType }) =>
      attempt(`link ${key}`, undefined, async () => {
        const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
        const { expiration } = await client.config.credentials();
        const command = new sdk.GetObjectCommand({ Bucket, Key: base + key, ResponseContentType: mediaType });
        const signed = await getSignedUrl(client, command, { expiresIn: seconds });
        const until = runtime.now() + seconds * 1000;
        return { url: signed, until: Math.min(until, expiration?.getTime() ?? until) };
      }),

    async close() {
      client.destroy();
    },
  };
}

/** One call: an abort throws the signal's reason, all else a `CairnError`. */
async function attempt<T>(
  doing: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
  isSecond = false,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    signal?.throwIfAborted();
    // Refused for this host's clock, so nothing was done; the client has learnt the server's time from it.
    const isSkewed = (error as Error).name === 'RequestTimeTooSkewed';
    if (isSkewed && !isSecond) return attempt(doing, signal, run, true);
    throw s3Error(error, doing);
  }
}

function orAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

function sending(signal: AbortSignal | undefined) {
  return { requestTimeout: answerMs, ...(signal === undefined ? {} : { abortSignal: signal }) };
}

function makeClient(
  Client: typeof S3Client,
  { endpoint, region, pathStyle }: S3Location,
  anonymous: boolean,
): S3Client {
  const client = new Client({
    // Requests go out as they are, and whatever credentials there are stay here.
    ...(anonymous && {
      signer: { sign: async (request) => request },
      credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: pathStyle,
    // A retried create would be told that its own object is in the way.
    maxAttempts: 1,
    // The default sends trailers that several servers refuse or store as content.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With it a connection serves one large body only.
    expectContinueHeader: false,
    logger: silent,
    requestHandler: {
      connectionTimeout: 5000,
      throwOnRequestTimeout: true, // else a timeout is a mere warning
      socketTimeout: 0, // it would end a body whose reader pauses
      httpAgent: { keepAlive: true, maxSockets: 128 },
      httpsAgent: { keepAlive: true, maxSockets: 128 },
    },
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = (result.response as { headers?: Record<string, string> }).headers?.date;
      Object.assign(result.output?.$metadata ?? {}, { date: parseDate(date) });
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'storeDate' },
  );
  return client;
}

/** Without a logger the SDK writes some warnings to the console. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function dateOf(out: { $metadata: object }): number | undefined {
  return (out.$metadata as { date?: number }).date;
}

function parseDate(header: string | undefined): number | undefined {
  const date = Date.parse(header ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** A page's keys and folded prefixes, in one order. */
function entriesOf(page: ListObjectsV2CommandOutput, base: number, date: number): ListEntry[] {
  const keys = (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
    key: Key.slice(base),
    size: Size,
    modified: LastModified?.getTime() ?? date,
    date,
  }));
  const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({ prefix: Prefix.slice(base) }));
  if (prefixes.length === 0) return keys;
  return [...keys, ...prefixes].sort((a, b) => compareKeys(nameOf(a), nameOf(b)));
}

function nameOf(entry: ListEntry): string {
  return 'prefix' in entry ? entry.prefix : entry.key;
}

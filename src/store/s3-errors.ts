import { CairnError, type ErrorCode } from '../errors.ts';

/** What the SDK throws, as far as it tells: nothing of it is sure. */
interface S3Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** The HTTP status of an answer, `undefined` where none came. */
export function statusOf(error: unknown): number | undefined {
  return (error as S3Failure).$metadata?.httpStatusCode ?? undefined;
}

/** A header of an answer that was an error, by its lower-case name. */
export function headerOf(error: unknown, name: string): string | undefined {
  return (error as S3Failure).$response?.headers?.[name];
}

/** The key is not there; a missing bucket is another matter. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as S3Failure).name !== 'NoSuchBucket';
}

const hints = {
  credentials: 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and what they may do in this bucket',
  clock: "this host's clock is wrong: set it, then run again",
  bucket: 'make the bucket first, or correct its name in the bucket URL',
  region: 'put the right region into the bucket URL: ?region=…',
  retry: 'run again; if it stays, check the endpoint in the bucket URL and the network',
  store: 'this store cannot do what is asked; `cairn doctor` shows what it can',
  full: 'make room in the bucket or raise its quota, then run again',
} as const;

/** Codes of S3 that say more than the status does. */
const byName: Readonly<Record<string, readonly [ErrorCode, keyof typeof hints]>> = {
  CredentialsProviderError: ['denied', 'credentials'],
  TokenProviderError: ['denied', 'credentials'],
  ExpiredToken: ['denied', 'credentials'],
  InvalidToken: ['denied', 'credentials'],
  InvalidAccessKeyId: ['denied', 'credentials'],
  SignatureDoesNotMatch: ['denied', 'credentials'],
  RequestTimeTooSkewed: ['denied', 'clock'],
  QuotaExceeded: ['disk-full', 'full'],
  NoSuchBucket: ['not-found', 'bucket'],
  InvalidBucketName: ['config', 'bucket'],
  AuthorizationHeaderMalformed: ['config', 'region'],
  PermanentRedirect: ['config', 'region'],
  IllegalLocationConstraintException: ['config', 'region'],
  EntityTooLarge: ['too-large', 'store'],
  RequestTimeout: ['unavailable', 'retry'],
};

/** These are the same for every key: what was asked does not matter. */
const ofBucket: ReadonlySet<string | undefined> = new Set(
  Object.keys(byName).filter((name) => name !== 'EntityTooLarge'),
);

/** What a failed request means for the user. `doing` is like `read KEY`; `unavailable` covers all that may pass by itself. */
export function s3Error(error: unknown, doing: string): CairnError {
  if (error instanceof CairnError) return error;
  const failure = error as S3Failure;
  const [code, hint] = byName[failure.name ?? ''] ?? byMessage(failure.message) ?? byAnswer(error as S3Failure);
  return new CairnError(code, `expected to ${doing}, got ${describe(failure)}`, {
    hint: hints[hint],
    cause: error,
    ...(ofBucket.has(failure.name) && { details: { concerns: 'bucket' } }),
    retryAfterMs: retryAfter(headerOf(error, 'retry-after')),
  });
}

function byMessage(message: string | undefined): readonly [ErrorCode, keyof typeof hints] | undefined {
  return message === 'Region is missing' ? ['config', 'region'] : undefined;
}

/** Of an answer that broke off the status came, and not the code that says what it means: asked again, it may be another. */
function byAnswer(failure: S3Failure): readonly [ErrorCode, keyof typeof hints] {
  return failure.code === 'ECONNRESET' ? ['unavailable', 'retry'] : byStatus(statusOf(failure));
}

function byStatus(status: number | undefined): readonly [ErrorCode, keyof typeof hints] {
  if (status === undefined || status === 408 || status === 409 || status === 429) return ['unavailable', 'retry'];
  if (status === 401 || status === 403) return ['denied', 'credentials'];
  if (status === 404) return ['not-found', 'bucket'];
  if (status === 507) return ['disk-full', 'full'];
  if (status >= 500 && status !== 501) return ['unavailable', 'retry'];
  return status === 301 || status === 307 ? ['config', 'region'] : ['unfit', 'store'];
}

/** An answer tells its status and S3's code; a broken connection the system's code, mostly within its message. */
function describe(failure: S3Failure): string {
  const { message = '' } = failure;
  const said = message === 'UnknownError' ? '' : message; // the SDK's word for an answer without a message
  const name = failure.code ?? (failure.name === 'Error' ? undefined : failure.name) ?? '';
  return [statusOf(failure), said.includes(name) ? '' : name, said].filter(Boolean).join(' ');
}

/** Seconds, as stores send them; an HTTP date is not honoured. */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

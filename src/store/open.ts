import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { directoryStore } from './directory.ts';
import { memoryStore } from './memory.ts';
import { type S3Location, s3Store } from './s3.ts';
import type { BucketStore } from './types.ts';

/** What opening a store needs from outside. */
export interface OpenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runtime: Runtime;
}

const forms = 'file:///path or s3://bucket/prefix?endpoint=https://host&region=name';
const s3Settings = ['endpoint', 'region', 'pathStyle'];

/**
 * The store of a bucket URL: `file:///path`, `s3://bucket[/prefix][?endpoint=…&region=…&pathStyle=…]`
 * or `memory:`. No request is made. An endpoint comes from the URL, else from `AWS_ENDPOINT_URL_S3` or
 * `AWS_ENDPOINT_URL`; with one, the bucket stands in the path unless `pathStyle=false`.
 * @throws CairnError `config` for a URL that is none of these; secrets in it are not repeated
 */
export async function openStore(url: string, { env, runtime }: OpenOptions): Promise<BucketStore> {
  const parsed = parseUrl(url);
  switch (parsed.protocol) {
    case 'memory:':
      return memoryStore(runtime);
    case 'file:':
      return directoryStore(pathOf(parsed), runtime);
    case 's3:': {
      const location = locationOf(parsed, env);
      return await s3Store(location, nameOf(location), runtime);
    }
    default:
      throw malformed(`a bucket URL (${forms})`, `scheme ${parsed.protocol}`);
  }
}

/**
 * Whether a stranger, without any credentials, can list the bucket of a URL below `prefix` or read `key` in
 * it. False for a store that has no strangers, and where that cannot be found out.
 */
export async function isPublic(
  url: string,
  { env, runtime }: OpenOptions,
  { prefix, key }: { readonly prefix: string; readonly key: string },
): Promise<boolean> {
  const parsed = parseUrl(url);
  if (parsed.protocol !== 's3:') return false;
  const location = locationOf(parsed, env);
  const store = await s3Store(location, nameOf(location), runtime, { anonymous: true });
  const list = async () => {
    for await (const _ of store.list(prefix, { max: 1 })) return true;
    return true; // an empty answer is one, too
  };
  const read = async () => {
    const found = await store.get(key);
    found?.close();
    return found !== undefined;
  };
  try {
    const refused = () => false;
    return (await list().catch(refused)) || (await read().catch(refused));
  } finally {
    await store.close();
  }
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw malformed(`a bucket URL (${forms})`, 'something that is no URL');
  }
}

function pathOf(url: URL): string {
  if (url.hostname !== '') throw malformed('a file URL with three slashes (file:///path)', `host ${url.hostname}`);
  if (url.search !== '' || url.hash !== '')
    throw malformed('a file URL without ? and #, which are written %3F and %23', 'one');
  try {
    return resolve(fileURLToPath(url));
  } catch (cause) {
    throw malformed('a file URL with an absolute path (file:///path)', 'another', cause);
  }
}

function locationOf(url: URL, env: OpenOptions['env']): S3Location {
  if (url.username !== '' || url.password !== '') {
    throw malformed('a bucket URL without credentials, which come from the environment or a profile', 'some');
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(url.hostname)) {
    throw malformed('the name of a bucket (s3://bucket)', JSON.stringify(url.hostname));
  }
  for (const name of url.searchParams.keys()) {
    if (!s3Settings.includes(name))
      throw malformed(`one of the settings ${s3Settings.join(', ')}`, JSON.stringify(name));
  }
  if (url.hash !== '') throw malformed('a bucket URL without #, which is written %23', 'one');
  const setting = (name: string, ...variables: string[]) =>
    url.searchParams.get(name) || variables.map((variable) => env[variable]).find((value) => value) || undefined;
  const endpoint = endpointOf(setting('endpoint', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'));
  const region =
    setting('region', 'AWS_REGION', 'AWS_DEFAULT_REGION') ?? (endpoint === undefined ? undefined : 'us-east-1');
  const pathStyle = setting('pathStyle') ?? String(endpoint !== undefined);
  if (pathStyle !== 'true' && pathStyle !== 'false') throw malformed('pathStyle=true or pathStyle=false', pathStyle);
  return { bucket: url.hostname, prefix: prefixOf(url.pathname), endpoint, region, pathStyle: pathStyle === 'true' };
}

function prefixOf(pathname: string): string {
  const path = decode(pathname).replace(/^\/|\/$/g, '');
  if (path === '') return '';
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    throw malformed('a prefix of plain names (s3://bucket/a/b)', JSON.stringify(path));
  }
  return `${names.join('/')}/`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw malformed('a prefix whose % are written %25', JSON.stringify(text), cause);
  }
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw malformed('an endpoint like https://host:port', 'another form');
  if (url.username !== '' || url.password !== '') throw malformed('an endpoint without credentials', 'some');
  if (url.search !== '' || url.hash !== '') throw malformed('an endpoint without ? and #', 'one');
  return url.href.replace(/\/$/, '');
}

/** The same for all URLs that mean the same objects; region and path style do not matter to that. */
function nameOf({ bucket, prefix, endpoint }: S3Location): string {
  const path = prefix === '' ? '' : `/${prefix.slice(0, -1).split('/').map(encodeURIComponent).join('/')}`;
  return `s3://${bucket}${path}${endpoint === undefined ? '' : `?endpoint=${encodeURIComponent(endpoint)}`}`;
}

function malformed(expected: string, got: string, cause?: unknown): CairnError {
  return new CairnError('config', `expected ${expected}, got ${got}`, {
    hint: 'correct the bucket URL: --bucket, CAIRN_BUCKET or bucket in .cairn.toml',
    cause,
  });
}

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CairnError } from '../errors.ts';
import { collect } from './payload.ts';
import type { Seal } from './seal.ts';

/** No header is longer. */
const longestHeader = 1 << 16;

/** What the wrapper has to know of a part's header. */
interface SealedHeader {
  readonly content?: unknown;
  readonly context?: { readonly sealed?: unknown };
}

/**
 * Turns a sealed part (header line, then an age file) into an ordinary one, gzip member by gzip member, and
 * proves on the way that the bytes below the header are those that it names.
 * @param headerOnly the body may be cut: only its header is wanted, which takes no identity
 */
export async function* openPartBody(
  seal: Seal,
  body: AsyncIterable<Uint8Array>,
  key: string,
  headerOnly: boolean,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let rest: Uint8Array | undefined;
  for (let size = 0; !rest; ) {
    const { value: chunk, done } = await chunks.next();
    if (done || size > longestHeader) throw corrupt(key, 'a header line', 'none');
    const end = chunk.indexOf(10);
    held.push(end < 0 ? chunk : chunk.subarray(0, end));
    size += chunk.length;
    if (end >= 0) rest = chunk.subarray(end + 1);
  }
  const line = Buffer.concat(held).toString('utf8');
  const header = parseHeader(line);
  yield gzipSync(`${JSON.stringify(await withContext(seal, header, key))}\n`);
  if (headerOnly) {
    await chunks.return?.();
    return;
  }
  const hash = createHash('sha256');
  yield* seal.open(hashed(hash, rest, { [Symbol.asyncIterator]: () => chunks }), key);
  const content = hash.digest('hex');
  if (content !== header.content) throw corrupt(key, `content ${String(header.content)}`, content);
}

async function* hashed(
  hash: ReturnType<typeof createHash>,
  first: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  hash.update(first);
  if (first.length > 0) yield first;
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** What the header says of the session in words is sealed by itself. Who cannot open it has the rest. */
async function withContext(seal: Seal, header: SealedHeader, key: string): Promise<unknown> {
  const { context, ...rest } = header;
  if (typeof context?.sealed !== 'string') return header;
  try {
    const opened = await collect(seal.open(once(Buffer.from(context.sealed, 'base64')), key));
    return { ...rest, context: JSON.parse(Buffer.from(opened).toString('utf8')) };
  } catch (error) {
    if (error instanceof CairnError && error.code === 'denied') return rest;
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function parseHeader(line: string): SealedHeader {
  try {
    return (JSON.parse(line) as SealedHeader | null) ?? {};
  } catch {
    return {}; // the reader of the part says what is wrong with it
  }
}

function corrupt(key: string, expected: string, got: string): CairnError {
  return new CairnError('corrupt', `expected ${expected} at ${key}, got ${got.slice(0, 200)}`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}

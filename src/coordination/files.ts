import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rename,
  rm,
  unlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CairnError } from '../errors.ts';
import { fileError } from '../mirror/file-error.ts';
import type { Payload } from '../store/types.ts';

/** A file's bytes as they are to be stored, with their hash. */
export interface PreparedFile {
  readonly payload: Payload;
  readonly sha256: string;
  readonly size: number;
  close(): Promise<void>;
}

const chunkBytes = 4 << 20;
/** Only so much of one line is held. */
const longestLine = 64 << 20;
/** What has no NUL in its first bytes, and is UTF-8 there, is text. */
const headBytes = 65_536;

/**
 * Text is redacted into a file of its own, which goes with `close`; what is no text is read once for its hash, and
 * again for its upload.
 * @throws CairnError `not-found`, `denied`, `unavailable` where it changes meanwhile
 */
export async function prepareFile(path: string, redact: (text: string) => string): Promise<PreparedFile> {
  try {
    if (await isText(path)) return await redacted(path, redact);
    const { size } = await lstat(path);
    const sha256 = await hashOf(path);
    return { payload: { size, open: () => checked(path, sha256) }, size, sha256, close: async () => {} };
  } catch (error) {
    throw error instanceof CairnError ? error : fileError('a file', path, error);
  }
}

async function isText(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    // A character may be cut at the end.
    return !head.includes(0) && isUtf8(head.subarray(0, Math.max(0, head.lastIndexOf(10))));
  } finally {
    await file.close();
  }
}

/** The same text without secrets, in a file of this user's alone. */
async function redacted(path: string, redact: (text: string) => string): Promise<PreparedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-'));
  const spool = await open(join(folder, 'spool'), 'wx+', 0o600);
  const hash = createHash('sha256');
  let size = 0;
  for await (const block of textBlocks(path, redact)) {
    hash.update(block);
    size += block.byteLength;
    await spool.appendFile(block);
  }
  const close = async () => {
    await spool.close();
    await rm(folder, { recursive: true });
  };
  const read = () => spool.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  return { payload: { size, open: read }, size, sha256: hash.digest('hex'), close };
}

/** Blocks of whole lines, or of a line that is very long; redacted, where they are UTF-8. */
async function* textBlocks(path: string, redact: (text: string) => string): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  const clean = (block: Buffer) => (isUtf8(block) ? Buffer.from(redact(block.toString('utf8'))) : block);
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    const block = Buffer.concat([rest, chunk]);
    const isLong = block.byteLength > longestLine;
    const end = block.lastIndexOf(10) + 1 || (isLong ? block.findLastIndex((byte) => byte < 0x80) + 1 : 0);
    if (end > 0) yield clean(block.subarray(0, end));
    rest = block.subarray(end);
  }
  if (rest.byteLength > 0) yield clean(rest);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function* checked(path: string, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) {
    throw new CairnError('unavailable', `expected ${path} to stand still while it was stored, but it changed`, {
      hint: 'run the same command again',
    });
  }
}

/** Files of a folder by their relative path, `/`-separated; what is neither file nor folder is named in `skipped`. */
export async function listFolder(
  root: string,
): Promise<{ readonly files: readonly string[]; readonly skipped: readonly string[] }> {
  const files: string[] = [];
  const skipped: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/').replace(/^\/+/, '');
    if (entry.isFile()) files.push(path);
    else if (!entry.isDirectory()) skipped.push(path);
  }
  return { files: files.sort(), skipped: skipped.sort() };
}

/**
 * Path of a stored file inside a folder. Nothing that would leave it is accepted.
 * @throws CairnError `corrupt`
 */
export function insidePath(root: string, path: string): string {
  const names = path.split('/');
  const isOdd = (name: string) => name === '' || name === '.' || name === '..' || /[\0\\]/.test(name);
  if (names.some(isOdd)) {
    throw new CairnError('corrupt', `expected a path inside the folder, got ${JSON.stringify(path)}`, {
      hint: 'somebody put it there by hand; nothing was written for it',
    });
  }
  return join(root, ...names);
}

/**
 * Writes a file that appears only when it is whole. Folders are made below `root`, and none of them may be a link.
 * @throws CairnError `exists` unless `force`
 */
export async function writeWhole(
  root: string,
  target: string,
  chunks: AsyncIterable<Uint8Array>,
  options: { readonly force: boolean; readonly id: string },
): Promise<void> {
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target).slice(0, 100)}.${options.id}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const inside = await realpath(root);
    const real = await realpath(folder);
    if (real !== inside && !real.startsWith(`${inside}/`)) {
      throw new CairnError('corrupt', `expected ${folder} to lie in ${root}, but a link leads out of it`);
    }
    const file = await open(temporary, 'wx');
    try {
      await fill(file, chunks);
    } finally {
      await file.close();
    }
    if (options.force) await rename(temporary, target);
    else await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new CairnError('exists', `expected nothing at ${target}, there is something`, {
        hint: '--force writes over it',
      });
    }
    throw error instanceof CairnError ? error : fileError('a file', target, error);
  } finally {
    await unlink(temporary).catch(() => {}); // it has its name, or shall have none
  }
}

async function fill(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await file.appendFile(chunk);
  await file.sync();
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CairnError } from '../errors.ts';
import { fileError } from '../mirror/file-error.ts';
import type { Payload } from '../store/types.ts';

/** A file's bytes as they are to be stored, with their hash. */
export interface PreparedFile {
  readonly payload: Payload;
  readonly sha256: string;
  readonly size: number;
}

/** Text up to this size is redacted; what is larger or no text is stored as it is. */
const redactedBytes = 64 << 20;

/**
 * Reads a file once for its hash, and again for its upload; text is redacted and held in memory.
 * @throws CairnError `not-found`, `denied`, `unavailable` where it changes meanwhile
 */
export async function prepareFile(path: string, redact: (text: string) => string): Promise<PreparedFile> {
  try {
    const { size } = await lstat(path);
    if (size <= redactedBytes) {
      const bytes = redacted(await readWhole(path), redact);
      return { payload: bytes, size: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
    const sha256 = await hashOf(path);
    const payload = { size, open: () => checked(path, sha256) };
    return { payload, size, sha256 };
  } catch (error) {
    throw error instanceof CairnError ? error : fileError('a file', path, error);
  }
}

async function readWhole(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function redacted(bytes: Buffer, redact: (text: string) => string): Buffer {
  if (bytes.includes(0)) return bytes;
  const text = bytes.toString('utf8');
  // What does not survive the way back is no text.
  if (!Buffer.from(text).equals(bytes)) return bytes;
  const clean = redact(text);
  return clean === text ? bytes : Buffer.from(clean);
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
    throw new CairnError('unavailable', `expected ${path} to stand still while it was stored, but it changed`);
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

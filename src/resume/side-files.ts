import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import type { SideFileRecord } from '../harness/cursor.ts';
import { linesOf, parseRecord, readWhole, sideFileRecord } from '../harness/index.ts';
import { blobKey } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { contentOf } from './content.ts';
import type { SourceStream } from './source.ts';

/** A side file as the bucket has it last. */
export type SideFile = Extract<SideFileRecord, { readonly mark: string }>;

/** The versions of each side file, the newest last; what was deleted has none. */
export async function sideFilesOf(
  store: BucketStore,
  stream: SourceStream,
): Promise<ReadonlyMap<string, readonly SideFile[]>> {
  const files = new Map<string, SideFile[]>();
  for await (const block of contentOf(store, stream, (same) => same)) {
    for (const line of linesOf(block)) {
      const record = sideFileRecord(parseRecord(line));
      if (record === undefined) continue;
      if ('deleted' in record) files.delete(record.path);
      else files.set(record.path, [...(files.get(record.path) ?? []), record]);
    }
  }
  return files;
}

/** @throws CairnError `corrupt` where the blob is missing or another one */
export async function bytesOf(store: BucketStore, stream: SourceStream, file: SideFile): Promise<Uint8Array> {
  if (typeof file.text === 'string') return Buffer.from(file.text);
  const key = /^[0-9a-f]{64}$/.test(file.sha256 ?? '') ? blobKey(stream.address, file.sha256 ?? '') : undefined;
  const bytes = key === undefined ? undefined : await (await store.get(key))?.bytes();
  if (bytes !== undefined && ((await isSealed(store)) || hashOf(bytes) === file.sha256)) return bytes;
  throw new CairnError('corrupt', `expected the content of ${file.path} in the bucket, found none that is right`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}

/** Whether a file of this host is what a version says. */
export async function isVersion(
  store: BucketStore,
  stream: SourceStream,
  path: string,
  file: SideFile,
): Promise<boolean> {
  const bytes = readWhole(path);
  if (typeof file.text === 'string') return bytes.equals(Buffer.from(file.text));
  if (bytes.length !== file.size) return false;
  return (await isSealed(store)) ? bytes.equals(await bytesOf(store, stream, file)) : hashOf(bytes) === file.sha256;
}

/** An encrypted project names blobs by a keyed hash of their writer: that they open proves them. */
async function isSealed(store: BucketStore): Promise<boolean> {
  return (await store.sealing?.()) !== undefined;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

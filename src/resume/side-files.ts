import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { linesOf, parseRecord, readWhole, sideFileRecord } from '../harness/index.ts';
import type { SideFileRecord } from '../harness/types.ts';
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
  if (bytes !== undefined && hashOf(bytes) === file.sha256) return bytes;
  throw new CairnError('corrupt', `expected the content of ${file.path} in the bucket, found none that is right`, {
    hint: 'run `cairn session verify` on this session to see what is readable',
  });
}

/** Whether a file of this host is what a version says. */
export function isVersion(path: string, { text, sha256 }: SideFile): boolean {
  const bytes = readWhole(path);
  return typeof text === 'string' ? bytes.equals(Buffer.from(text)) : hashOf(bytes) === sha256;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

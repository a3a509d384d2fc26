import { createHash } from 'node:crypto';
import { redactText } from '../redact/text.ts';
import type { Redacted, Redactor } from '../redact/types.ts';
import { listSession } from '../sessions/listing.ts';
import { readMeta } from '../sessions/meta-reader.ts';
import { readStored } from '../sessions/stored-parts.ts';
import { blobKey, metaKey, type SessionAddress } from '../store/keys.ts';
import type { RequestOptions } from '../store/types.ts';
import { type Replacement, replaceStream } from './replace.ts';
import { type CatalogFinding, scanCatalogs } from './scan-catalog.ts';
import { streamKind } from './stream.ts';
import { addTallies, type Tally } from './tally.ts';
import { blobsNamed } from './verify-epoch.ts';

/** Larger blobs are not looked into here. */
const LARGEST_BLOB = 256 << 20;

export interface Scan extends RequestOptions, Omit<Replacement, 'redact' | 'redactor'> {
  readonly redactor: Redactor;
}

/** What a scan found in a session. Shapes are law for `--json`: docs/json.md. */
export type ScanFinding =
  | {
      readonly event: 'found';
      readonly stream: string;
      readonly epoch: number;
      readonly seq: number;
      readonly redactions: Tally;
    }
  | { readonly event: 'found'; readonly stream: string; readonly blob: string; readonly redactions: Tally }
  | CatalogFinding
  | { readonly event: 'skipped'; readonly stream: string; readonly blob: string; readonly bytes: number }
  /** The stream was written anew, without what was found. */
  | { readonly event: 'replaced'; readonly stream: string };

/**
 * Goes over all of a session that is in the bucket, closed epochs and side files too, with the rules of today.
 * Read twice where something is found: what is known at the end may stand at the beginning.
 * @throws CairnError `corrupt`, and of the store
 */
export async function* scanSession(s: Scan, address: SessionAddress, fix: boolean): AsyncGenerator<ScanFinding> {
  let any = false;
  for await (const finding of scanOnce(s, address)) any ||= finding.event === 'found';
  if (!any) return;
  const streams = new Set<string>();
  for await (const finding of scanOnce(s, address)) {
    if (finding.event === 'found' && 'stream' in finding) streams.add(finding.stream);
    yield finding;
  }
  if (!fix) return;
  for (const stream of streams) {
    const removed = new Set<string>();
    const redact = (lines: Uint8Array) => redactStream(s, address, stream, lines, removed);
    await replaceStream({ ...s, redactor: s.redactor.id, redact }, { ...address, stream });
    for (const blob of removed) await s.store.remove(blobKey(address, blob));
    yield { event: 'replaced', stream };
  }
  await redactMeta(s, address);
  const isOurs = ({ harness, session }: { readonly harness: string; readonly session: string }) =>
    harness === address.harness && session === address.session;
  for await (const finding of scanCatalogs(s, address.project, true, isOurs)) yield finding;
}

async function* scanOnce(s: Scan, address: SessionAddress): AsyncGenerator<ScanFinding> {
  const { streams } = await listSession(s.store, address, s);
  for (const [stream, epochs] of streams) {
    const blobs = new Set<string>();
    for (const epoch of epochs) {
      for await (const { header, lines } of readStored(s.store, { ...address, stream }, epoch, s)) {
        const context = Buffer.from(`${JSON.stringify(header.context ?? {})}\n`);
        const redactions = addTallies(s.redactor.redact(lines).found, s.redactor.redact(context).found);
        if (Object.keys(redactions).length > 0)
          yield { event: 'found', stream, epoch: header.epoch, seq: header.seq, redactions };
        if (streamKind(stream) === 'versions') for (const blob of blobsNamed(lines)) blobs.add(blob);
      }
    }
    for (const blob of blobs) {
      const redacted = await redactBlob(s, address, blob);
      if (typeof redacted === 'number') yield { event: 'skipped', stream, blob, bytes: redacted };
      else if (redacted && Object.keys(redacted.found).length > 0)
        yield { event: 'found', stream, blob, redactions: redacted.found };
    }
  }
}

/** A blob as it should be; its size where it is too large to look into, nothing where it is not there. */
async function redactBlob(s: Scan, address: SessionAddress, blob: string): Promise<Redacted | number | undefined> {
  const object = await s.store.get(blobKey(address, blob), s);
  if (!object) return undefined;
  if (object.size > LARGEST_BLOB) {
    object.close();
    return object.size;
  }
  return redactText(s.redactor, await object.bytes());
}

/** Lines of a stream without secrets; those of side files name blobs without secrets, too. */
async function redactStream(
  s: Scan,
  address: SessionAddress,
  stream: string,
  lines: Uint8Array,
  removed: Set<string>,
): Promise<Redacted> {
  let { block, found, images } = s.redactor.redact(lines);
  if (streamKind(stream) !== 'versions') return { block, found, images };
  for (const blob of new Set(blobsNamed(block))) {
    const redacted = await redactBlob(s, address, blob);
    if (!redacted || typeof redacted === 'number' || Object.keys(redacted.found).length === 0) continue;
    const name = await nameOf(s, redacted.block);
    await s.store.create(blobKey(address, name), redacted.block);
    block = Buffer.from(Buffer.from(block).toString('latin1').replaceAll(`"${blob}"`, `"${name}"`), 'latin1');
    found = addTallies(found, redacted.found);
    removed.add(blob);
  }
  return { block, found, images };
}

/** As the mirror names blobs. */
async function nameOf(s: Scan, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!(await s.store.sealing?.())) return sha256;
  const hmac = s.key.hmac();
  hmac.update(Buffer.from(`blob ${sha256}`));
  return hmac.digest();
}

/** The summary repeats what the records say; a mirror that goes on writes its own. */
async function redactMeta(s: Scan, address: SessionAddress): Promise<void> {
  const meta = await readMeta(s.store, address, s);
  if (!meta) return;
  const { block, found } = s.redactor.redact(Buffer.from(`${JSON.stringify(meta)}\n`));
  if (Object.keys(found).length > 0) await s.store.overwrite(metaKey(address), block);
}

import { CairnError } from '../errors.ts';
import { type Epoch, lastWithoutGap } from '../mirror/epochs.ts';
import type { PartHeader } from '../mirror/part.ts';
import { type PartAddress, partKey, type StreamAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { readVerified } from './verified-part.ts';

/** The end of a stream. */
export interface Tail {
  /** The newest last; each ends with `\n`. */
  readonly lines: readonly Uint8Array[];
  /** Header of the stream's last part. */
  readonly last: PartHeader;
}

/**
 * The last `count` records of the highest head, reading parts from the end, no more than that takes.
 * @throws CairnError `not-found` for a stream without an open epoch, `corrupt`
 */
export async function readTail(
  store: BucketStore,
  address: StreamAddress,
  epochs: readonly Epoch[],
  count: number,
  options?: RequestOptions,
): Promise<Tail> {
  for (const epoch of [...epochs].reverse()) {
    const seq = lastWithoutGap(epoch);
    if (seq === undefined) continue;
    const end = await readEnd(store, { ...address, epoch: epoch.epoch, seq }, count, options);
    if (end.header.closed) continue;
    return { lines: await withEarlier(store, address, end, count, options), last: end.header };
  }
  throw new CairnError('not-found', `expected a part of ${address.session}/${address.stream}, found none`, {
    hint: '`cairn session show` lists the streams of a session',
  });
}

/** Adds what is still missing from the parts before, across the epoch that this one departs from. */
async function withEarlier(
  store: BucketStore,
  address: StreamAddress,
  end: PartEnd,
  count: number,
  options?: RequestOptions,
): Promise<Uint8Array[]> {
  let { header, lines } = end;
  while (lines.length < count) {
    const before = header.seq > 0 ? { epoch: header.epoch, seq: header.seq - 1 } : header.opened?.departs;
    // An epoch departs from an older one only: anything else could go in circles.
    if (!before || before.epoch > header.epoch || (header.seq === 0 && before.epoch === header.epoch)) break;
    const part = { ...address, epoch: before.epoch, seq: before.seq };
    const earlier = await readEnd(store, part, count - lines.length, options);
    if (earlier.header.chain !== header.prev) {
      throw new CairnError('corrupt', `expected ${partKey(part)} to be what the part after it continues, got another`, {
        hint: 'run `cairn session verify` on this session to see what is readable',
      });
    }
    lines = [...earlier.lines, ...lines];
    header = earlier.header;
  }
  return lines;
}

interface PartEnd {
  readonly header: PartHeader;
  readonly lines: Uint8Array[];
}

/** Header and last `count` lines of a part: no more is held than these, and the piece being read. */
async function readEnd(
  store: BucketStore,
  part: PartAddress,
  count: number,
  options?: RequestOptions,
): Promise<PartEnd> {
  const object = await store.get(partKey(part), options);
  let header: PartHeader | undefined;
  const lines: Uint8Array[] = [];
  let rest: Uint8Array[] = [];
  if (object) {
    for await (const piece of readVerified(object, part, undefined)) {
      header ??= piece.header;
      if (!piece.lines) continue;
      let start = 0;
      for (let end = piece.lines.indexOf(10); end >= 0; end = piece.lines.indexOf(10, start)) {
        const line = piece.lines.subarray(start, end + 1);
        lines.push(rest.length > 0 ? Buffer.concat([...rest, line]) : line);
        if (lines.length > count) lines.shift();
        rest = [];
        start = end + 1;
      }
      if (start < piece.lines.length) rest.push(piece.lines.subarray(start));
    }
  }
  if (!header) throw new CairnError('corrupt', `expected a part at ${partKey(part)}, found none`);
  return { header, lines };
}

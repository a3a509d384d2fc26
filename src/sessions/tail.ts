import { CairnError } from '../errors.ts';
import { type Epoch, lastWithoutGap, placeIn } from '../mirror/epochs.ts';
import type { PartHeader } from '../mirror/part.ts';
import { type PartPlace, Parts } from '../mirror/parts.ts';
import { partKey, type StreamAddress } from '../store/keys.ts';
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
  const parts = new Parts(store, options);
  for (const epoch of [...epochs].reverse()) {
    const seq = lastWithoutGap(epoch);
    if (seq === undefined) continue;
    const end = await readEnd(parts, placeIn(address, epoch, seq), count);
    if (end.header.closed) continue;
    return { lines: await withEarlier(parts, address, epochs, end, count), last: end.header };
  }
  throw new CairnError('not-found', `expected a part of ${address.session}/${address.stream}, found none`, {
    hint: '`cairn session show` lists the streams of a session',
  });
}

/** Adds what is still missing from the parts before, across the epoch that this one departs from. */
async function withEarlier(
  parts: Parts,
  address: StreamAddress,
  epochs: readonly Epoch[],
  end: PartEnd,
  count: number,
): Promise<Uint8Array[]> {
  let { header, lines } = end;
  while (lines.length < count) {
    const before = header.seq > 0 ? { epoch: header.epoch, seq: header.seq - 1 } : header.opened?.departs;
    // An epoch departs from an older one only: anything else could go in circles.
    if (!before || before.epoch > header.epoch || (header.seq === 0 && before.epoch === header.epoch)) break;
    const packs = epochs.find(({ epoch }) => epoch === before.epoch)?.packs ?? [];
    const part = placeIn(address, { epoch: before.epoch, packs }, before.seq);
    const earlier = await readEnd(parts, part, count - lines.length);
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
async function readEnd(parts: Parts, place: PartPlace, count: number): Promise<PartEnd> {
  const part = await parts.get(place);
  let header: PartHeader | undefined;
  const lines: Uint8Array[] = [];
  let rest: Uint8Array[] = [];
  if (part) {
    for await (const piece of readVerified(part, place, undefined)) {
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
  if (!header) throw new CairnError('corrupt', `expected a part at ${partKey(place)}, found none`);
  return { header, lines };
}

import type { Cursor } from '../harness/cursor.ts';
import { positionOf } from '../harness/position.ts';
import { advance } from './advance.ts';
import { type Head, placesOf } from './epochs.ts';
import { coversNothing, type PartHeader } from './part.ts';
import { type PartPlace, Parts } from './parts.ts';
import type { Stream } from './stream.ts';

/** What of a stream it takes to recognise its parts. */
export type Recogniser = Pick<Stream, 'store' | 'harness' | 'key' | 'ref' | 'address'>;

/** The source's cursor behind `header`, if the part continues `at` and this source has its bytes. */
export async function adoptHeader(
  stream: Recogniser,
  header: PartHeader,
  at: { readonly chain: string; readonly cursor?: Cursor | undefined },
  parts = new Parts(stream.store),
): Promise<{ readonly cursor: Cursor | undefined } | undefined> {
  const here = positionOf(at.cursor, stream.ref.kind);
  if (header.prev !== at.chain || JSON.stringify(header.from) !== JSON.stringify(here)) return undefined;
  if (coversNothing(header)) return { cursor: at.cursor };
  const cursor = await stream.harness.adopt(stream.ref, header, {
    key: stream.key,
    previous: at.cursor,
    records: () => recordsOf(parts, { ...stream.address, epoch: header.epoch, seq: header.seq }),
  });
  return cursor && { cursor };
}

async function* recordsOf(parts: Parts, place: PartPlace): AsyncGenerator<Uint8Array> {
  const part = await parts.get(place);
  if (!part) return;
  for await (const piece of part.pieces) if (piece.lines) yield piece.lines;
}

/** How far along `head` this source has the same bytes: all of it, or up to a part. */
export async function adoptAlong(
  stream: Recogniser,
  head: Head,
): Promise<{ last: PartHeader | undefined; cursor: Cursor | undefined; complete: boolean }> {
  let last: PartHeader | undefined;
  let cursor: Cursor | undefined;
  const parts = new Parts(stream.store);
  for (const place of placesOf(stream.address, head.lineage)) {
    const header = await parts.header(place);
    const adopted = header && (await adoptHeader(stream, header, { chain: last?.chain ?? '', cursor }, parts));
    if (!adopted) return { last, cursor, complete: false };
    last = header;
    cursor = adopted.cursor;
  }
  return { last, cursor, complete: true };
}

/** Goes on after the last part of `head`, if this source has all of it. */
export async function joinHead(stream: Stream, head: Head): Promise<boolean> {
  const { last, cursor, complete } = await adoptAlong(stream, head);
  if (!complete || !last) return false;
  await advance(stream, last, cursor);
  stream.report({ event: 'adopted', epoch: last.epoch, seq: last.seq });
  return true;
}

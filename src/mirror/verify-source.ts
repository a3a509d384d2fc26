import type { Cursor } from '../harness/cursor.ts';
import { bytesCursorAt } from '../harness/index.ts';
import type { StreamRef } from '../harness/types.ts';
import { readVerified } from '../sessions/verified-part.ts';
import type { StreamAddress } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import { coversNothing } from './part.ts';
import { Parts } from './parts.ts';
import type { CheckedEpochs, CheckedPart, VerifyOptions, VerifyProblem } from './verify.ts';

/**
 * Whether this source has every part of some head, told by their keyed hashes. Else the first part of the
 * highest head that it does not have.
 */
export async function compareSource(
  store: BucketStore,
  address: StreamAddress,
  ref: StreamRef,
  checked: CheckedEpochs,
  options: VerifyOptions,
): Promise<VerifyProblem | undefined> {
  let first: VerifyProblem | undefined;
  for (const [epoch, headers] of [...checked].reverse()) {
    if (headers.length === 0 || headers.at(-1)?.closed) continue;
    const bad = await firstForeign(store, address, ref, contentOf(checked, epoch), options);
    if (!bad) return undefined;
    const byte = bad.from.kind === 'bytes' ? bad.from.offset : undefined;
    first ??= {
      kind: 'source',
      epoch: bad.epoch,
      seq: bad.seq,
      ...(byte !== undefined && { byte }),
      message: `expected the source to have part ${bad.seq} of epoch ${bad.epoch}${byte === undefined ? '' : `, from byte ${byte} on`}, got other content`,
    };
  }
  return first;
}

/** Headers of all parts that an epoch's content is made of. */
export function contentOf(checked: CheckedEpochs, epoch: number): readonly CheckedPart[] {
  const own = checked.get(epoch) ?? [];
  const departs = own[0]?.opened?.departs;
  // What was checked departs from an older epoch only.
  return departs
    ? [...contentOf(checked, departs.epoch).filter((h) => h.epoch < departs.epoch || h.seq <= departs.seq), ...own]
    : own;
}

async function firstForeign(
  store: BucketStore,
  address: StreamAddress,
  ref: StreamRef,
  headers: readonly CheckedPart[],
  options: VerifyOptions,
): Promise<CheckedPart | undefined> {
  const { source } = options;
  const { restored } = (await source?.record?.(address.stream)) ?? {};
  const before = headers.findIndex(({ epoch, seq }) => epoch === restored?.epoch && seq === restored.seq);
  const own = headers.slice(before + 1);
  const parts = new Parts(store, options);
  let cursor = before < 0 ? undefined : (restored?.cursor ?? (await cursorBefore(ref, own)));
  for (const header of own) {
    if (!source || coversNothing(header)) continue;
    cursor = await source.harness.adopt(ref, header, {
      key: source.key,
      previous: cursor,
      records: () => recordsOf(parts, address, header),
    });
    if (!cursor) return header;
  }
  return undefined;
}

/** What was put back stands before the first part that was shipped from this source. */
async function cursorBefore(ref: StreamRef, own: readonly CheckedPart[]): Promise<Cursor | undefined> {
  const first = own.find(({ records }) => records > 0);
  const path = ref.files[0]?.path;
  return first?.from.kind === 'bytes' && path !== undefined ? bytesCursorAt(path, first.from.offset) : undefined;
}

async function* recordsOf(parts: Parts, address: StreamAddress, header: CheckedPart): AsyncGenerator<Uint8Array> {
  const place = { ...address, epoch: header.epoch, seq: header.seq };
  const part = await parts.get(place);
  if (!part) return;
  for await (const piece of readVerified(part, place, header.prev)) if (piece.lines) yield piece.lines;
}

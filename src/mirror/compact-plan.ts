import type { Pack, PartNumbers } from '../store/part-names.ts';
import { packOf } from './pack.ts';

/** The newest object of an epoch is older than this, or it is left alone: somebody may still write there. */
const COLD_MS = 48 * 3_600_000;
/** Parts lie beside their pack for so long: whoever has listed them reads them. */
const GRACE_MS = 24 * 3_600_000;
/** A part of this size is worth an object of its own. */
const LARGE_BYTES = 512 << 10;

/** An object of an epoch as a LIST shows it; times by the store's clock, milliseconds since 1970. */
export type ListedObject = { readonly size: number; readonly modified: number } & PartNumbers;

/** Parts that follow each other. */
export interface Run {
  readonly seqs: readonly number[];
  /** Stored bytes. */
  readonly bytes: number;
}

export interface EpochPlan {
  /** To be packed. */
  readonly pack: readonly Run[];
  /** To be removed, as a pack has had them for long enough. */
  readonly remove: readonly (Run & { readonly pack: Pack })[];
}

/** What is to be done in an epoch: a function of its listing alone, so that every host comes to the same. */
export function planEpoch(objects: readonly ListedObject[], now: number): EpochPlan {
  const packs = objects.flatMap(({ pack, modified }) => (pack ? [{ ...pack, modified }] : []));
  packs.sort((a, b) => a.last - b.last || a.first - b.first);
  const parts = objects.flatMap(({ seq, size }) => (seq === undefined ? [] : [{ seq, size }]));
  parts.sort((a, b) => a.seq - b.seq);
  const remove = packs
    .filter(({ modified }) => now - modified > GRACE_MS)
    .map(({ modified: _, ...pack }) => {
      const isHere = (seq: number) =>
        packOf(packs, seq)?.first === pack.first && packOf(packs, seq)?.last === pack.last;
      return { ...runOf(parts.filter(({ seq }) => isHere(seq))), pack };
    })
    .filter(({ seqs }) => seqs.length > 0);
  const newest = objects.reduce((latest, { modified }) => Math.max(latest, modified), Number.NEGATIVE_INFINITY);
  return { pack: now - newest > COLD_MS ? runsToPack(parts, packs) : [], remove };
}

interface ListedPart {
  readonly seq: number;
  readonly size: number;
}

/** Small parts without a pack that follow each other, up to the first gap of the epoch. */
function runsToPack(parts: readonly ListedPart[], packs: readonly Pack[]): Run[] {
  const runs: Run[] = [];
  let run: ListedPart[] = [];
  const end = () => {
    if (run.length > 1) runs.push(runOf(run));
    run = [];
  };
  const there = new Map(parts.map((part) => [part.seq, part]));
  for (let seq = 0; ; seq++) {
    const pack = packOf(packs, seq);
    const part = there.get(seq);
    if (!pack && !part) break;
    if (!pack && part && part.size < LARGE_BYTES) run.push(part);
    else end();
  }
  end();
  return runs;
}

function runOf(parts: readonly ListedPart[]): Run {
  return { seqs: parts.map(({ seq }) => seq), bytes: parts.reduce((sum, { size }) => sum + size, 0) };
}

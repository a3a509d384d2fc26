import { CairnError } from '../errors.ts';

/** Parts `first` to `last` of an epoch in one object. */
export interface Pack {
  readonly first: number;
  readonly last: number;
}

/** The numbers in the name of an object of an epoch: of a part, or of a pack. */
export type PartNumbers =
  | { readonly seq: number; readonly pack?: never }
  | { readonly pack: Pack; readonly seq?: never };

const numberWidth = 8;
/** No pack has more parts: with their headers they would not fit. */
export const mostPacked = 65_536;

export function partName(seq: number): string {
  return `part-${encodeNumber(seq, numberWidth)}.jsonl.gz`;
}

/** The last number stands first: in the order of names, the first pack that ends at a number or later has it. */
export function packName({ first, last }: Pack): string {
  return `pack-${encodeNumber(last, numberWidth)}-${encodeNumber(first, numberWidth)}.jsonl.gz`;
}

/** Beginning of the names of part `seq` and of packs that end there: in order just before them. */
export function nameBefore(kind: 'part' | 'pack', seq: number): string {
  return `${kind}-${encodeNumber(seq, numberWidth)}`;
}

/** The inverse of `partName` and `packName`; `undefined` for any other name. */
export function parsePartName(name: string): PartNumbers | undefined {
  const [, kind, one, two] = /^(part|pack)-([a-z0-9]+)(?:-([a-z0-9]+))?\.jsonl\.gz$/.exec(name) ?? [];
  const number = decodeNumber(one, numberWidth);
  if (number === undefined) return undefined;
  if (kind === 'part') return two === undefined ? { seq: number } : undefined;
  const first = decodeNumber(two, numberWidth);
  return first === undefined || first > number || number - first >= mostPacked
    ? undefined
    : { pack: { first, last: number } };
}

/**
 * Digits that sort as the numbers do, without an upper end: padded to `width`, and a longer number
 * is led by a letter that says by how many digits (`a` one more, `b` two), as letters sort after digits.
 */
export function encodeNumber(n: number, width: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new CairnError('usage', `expected a number from 0, got ${n}`);
  const digits = String(n).padStart(width, '0');
  return digits.length === width ? digits : String.fromCharCode(0x60 + digits.length - width) + digits;
}

export function decodeNumber(text: string | undefined, width: number): number | undefined {
  const match = /^[a-z]?(\d+)$/.exec(text ?? '');
  const n = Number(match?.[1] ?? Number.NaN);
  return Number.isSafeInteger(n) && encodeNumber(n, width) === text ? n : undefined;
}

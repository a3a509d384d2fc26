import { createHmac } from 'node:crypto';
import { Engine, slotsOf } from './engine.ts';

/**
 * What is kept of a secret: enough to know it again, not enough to have it. `anchors` are keyed
 * 32-bit hashes of the five bytes that begin eight to five bytes before its end (tokens of one kind begin
 * alike, and end differently), `check` is an HMAC of the whole.
 */
export interface Fingerprint {
  readonly rule: string;
  /** Bytes. */
  readonly length: number;
  readonly anchors: readonly number[];
  /** The same hash of the first eight bytes: refuses most of what only ends like the secret. */
  readonly head: number;
  /** Hex. */
  readonly check: string;
  /** The mark of the secret in its plain form. */
  readonly mark: string;
}

/** Secrets found in a session, known again wherever they stand, also in base64 or URL-encoded. */
export interface Memory {
  /** What names a secret here. */
  checkOf(secret: string): string;
  /** Nothing is done where the secret of this name was learnt, here or earlier. */
  learn(named: string, rule: string, secret: string, mark: string): void;
  /** Calls `report` for every place in `block` where a known secret stands. */
  search(block: Buffer, report: (from: number, to: number, print: Pick<Fingerprint, 'rule' | 'mark'>) => void): void;
  /** What was learned since the last call, as much as is held. */
  learned(): readonly Fingerprint[];
}

const shortest = 8;
/** Of the anchors, from eight bytes before the end. */
const offsets = [0, 1, 2, 3];
/** Secrets that end alike are told apart up to this number: a bound on the work at one place. */
const mostAlike = 256;
/** Of a longer secret only this much is kept: it is found by its beginning. */
const longest = 512;
/** Fingerprints held at once; beyond them the older half is forgotten. */
export const memoryCapacity = 40_000;
/** Bits of a filter, as powers of two: it has 128 for each anchor while that is little, so that one place in 4,096 passes by chance. */
const smallestFilter = 15;
const largestFilter = 22;

/** What is known of a secret here. */
interface Known extends Omit<Fingerprint, 'check'> {
  /** Without it the secret was learnt here, and the HMAC is not worked out before someone wants to keep it. */
  check?: string;
  /** The secret, once it is known. In memory of its own: a piece of a string keeps all that it was cut from. */
  text?: string;
}

/** Searches for all memories of the process, with the filter of the last one. */
let engine: Engine | undefined;
let loaded: Uint8Array | undefined;

export function createMemory(key: Uint8Array, known: readonly Fingerprint[] = []): Memory {
  const seed = createHmac('sha256', key).update('memory').digest();
  const first = seed.readInt32LE(0) | 1;
  const second = seed.readInt32LE(4) | 1;
  let filterBits = smallestFilter;
  let filter = new Uint8Array(1 << (filterBits - 3));
  const byAnchor = new Map<number, Known[]>();
  let prints: Known[] = [];
  let fresh: Known[] = [];
  const checks = new Set<string>();
  /** End of the last place that was reported in the block at hand. */
  let reported = 0;

  // Only the upper bits are used: those of a product depend on all bits of its factors.
  const mix = (a: number, b: number): number => Math.imul(Math.imul(a, first) ^ b, second);
  const word = (bytes: Uint8Array, at: number): number =>
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  const headOf = (bytes: Uint8Array, from: number): number => mix(word(bytes, from), word(bytes, from + 4));
  const check = (bytes: Uint8Array): string => createHmac('sha256', seed).update(bytes).digest('hex').slice(0, 32);

  function add(print: Known): void {
    if (prints.length >= memoryCapacity) forgetHalf();
    prints.push(print);
    index(print);
  }

  function forgetHalf(): void {
    prints = prints.slice(memoryCapacity / 2);
    filter.fill(0);
    byAnchor.clear();
    checks.clear();
    for (const print of prints) index(print);
  }

  function index(print: Known): void {
    if (print.check !== undefined) checks.add(print.check);
    for (const anchor of print.anchors) {
      const bucket = byAnchor.get(anchor);
      if (bucket === undefined) {
        byAnchor.set(anchor, [print]);
        note(anchor);
      } else if (bucket.length < mostAlike && bucket.at(-1) !== print) bucket.push(print);
    }
  }

  function note(anchor: number): void {
    if (byAnchor.size * (filterBits < 19 ? 128 : 32) > 1 << filterBits && filterBits < largestFilter) {
      filterBits += filterBits < 19 ? 2 : 1;
      filter = new Uint8Array(1 << (filterBits - 3));
      for (const known of byAnchor.keys()) note(known);
    }
    loaded = undefined;
    for (const slot of slotsOf(anchor, filterBits))
      filter[slot >>> 3] = (filter[slot >>> 3] as number) | (1 << (slot & 7));
  }

  function match(
    block: Buffer,
    at: number,
    anchor: number,
    report: (from: number, to: number, print: Pick<Fingerprint, 'rule' | 'mark'>) => void,
  ): void {
    for (const print of byAnchor.get(anchor) ?? []) {
      // Of a secret that ends in a repetition (`abababab`) several are the same.
      for (let offset = 0; offset < print.anchors.length; offset += 1) {
        if (print.anchors[offset] !== anchor) continue;
        const to = at + shortest - offset;
        const from = to - print.length;
        if (from < reported || to > block.length || headOf(block, from) !== print.head) continue;
        if (!isSame(print, block.subarray(from, to))) continue;
        reported = to;
        report(from, to, print);
      }
    }
  }

  /** An HMAC is dear: what it said yes to once is compared byte by byte from then on. */
  function isSame(print: Known, bytes: Buffer): boolean {
    const text = bytes.toString('latin1');
    if (print.text !== undefined) return print.text === text;
    if (check(bytes) !== print.check) return false;
    print.text = text;
    return true;
  }

  /** As it is kept beside the key. */
  function toFingerprint({ text, ...print }: Known): Fingerprint {
    return { ...print, check: print.check ?? check(Buffer.from(text as string, 'latin1')) };
  }

  for (const print of known) add({ ...print });

  return {
    learned() {
      const learned = fresh.map(toFingerprint);
      fresh = [];
      return learned;
    },
    checkOf: (secret) => check(kept(secret)),
    learn(named, rule, secret, mark) {
      if (checks.has(named)) return;
      if (fresh.length >= memoryCapacity) fresh = fresh.slice(memoryCapacity / 2);
      for (const [form, bytes] of forms(secret).entries()) {
        const end = bytes.length - shortest;
        const print: Known = {
          rule,
          length: bytes.length,
          anchors: offsets.map((offset) => mix(word(bytes, end + offset), bytes[end + offset + 4] as number)),
          head: headOf(bytes, 0),
          ...(form === 0 && { check: named }),
          mark,
          text: bytes.toString('latin1'),
        };
        fresh.push(print);
        add(print);
      }
    },
    search(block, report) {
      if (prints.length === 0) return;
      reported = 0;
      engine ??= new Engine();
      if (loaded !== filter) {
        engine.know(filter);
        loaded = filter;
      }
      for (let from = 0; from < block.length; from += engine.windowSize) {
        engine.search(engine.load(block, from), first, second, (at, hash) => match(block, from + at, hash | 0, report));
      }
    },
  };
}

function kept(secret: string): Buffer {
  return Buffer.from(secret.slice(0, longest), 'latin1');
}

/** The ways in which a secret is written elsewhere: as it is, escaped, URL-encoded, in base64 at any offset. */
function forms(secret: string): readonly Buffer[] {
  const plain = kept(secret);
  const found = new Map([[plain.toString('latin1'), plain]]);
  const text = plain.toString('latin1');
  const written = [JSON.stringify(text).slice(1, -1), text.replace(/\//g, '\\/'), encodeURIComponent(text)];
  for (const form of written) found.set(form, Buffer.from(form, 'latin1'));
  for (let offset = 0; offset < 3; offset += 1) {
    const encoded = Buffer.concat([Buffer.alloc(offset), plain]).toString('base64');
    const form = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + plain.length) * 8) / 6));
    found.set(form, Buffer.from(form, 'latin1'));
  }
  return [...found.values()].filter((bytes) => bytes.length >= shortest);
}

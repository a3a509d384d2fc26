import { findHeads, lastWithoutGap, listEpochs } from '../../src/mirror/epochs.ts';
import { chainHash, contentHash, openPart, type PartHeader } from '../../src/mirror/part.ts';
import { partKey, type StreamAddress } from '../../src/store/keys.ts';
import type { BucketStore } from '../../src/store/types.ts';

/** What stands in a bucket for a secret, and what the soak plants as one. */
const mark = /\[REDACTED:[a-z0-9-]+:[0-9a-f]{8}\]/g;

export interface Expected {
  readonly address: StreamAddress;
  /** The source as it is now, whole lines. */
  readonly text: string;
  /** Planted secrets: each stands in the bucket as a mark, and nowhere as itself. */
  readonly secrets: readonly string[];
  /** How often the source was replaced or cut: each time one epoch more. */
  readonly resets: number;
}

/**
 * Compares one stream in the bucket with its redacted source, with nothing of the program's read side but the format
 * of a part. Gives what is wrong, in words.
 */
export async function checkStream(store: BucketStore, { address, text, secrets, resets }: Expected): Promise<string[]> {
  const wrong: string[] = [];
  const epochs = await listEpochs(store, address);
  const last = new Map<number, PartHeader>();
  const texts = new Map<number, string>();
  for (const { epoch, seqs } of epochs) {
    const through = lastWithoutGap({ seqs }) ?? -1;
    if (through !== seqs.at(-1)) wrong.push(`epoch ${epoch} has a gap after part ${through}`);
    const lines: Buffer[] = [];
    let chain: string | undefined;
    for (let seq = 0; seq <= through; seq++) {
      try {
        const { header, bytes } = await readPart(store, address, epoch, seq);
        if (header.content !== contentHash(bytes)) wrong.push(`part ${seq} of epoch ${epoch} has another content`);
        if (header.chain !== chainHash(header.prev, header.content)) wrong.push(`part ${seq} has another chain`);
        if (chain !== undefined && header.prev !== chain) wrong.push(`part ${seq} of epoch ${epoch} continues another`);
        if (epoch > 0 && seq === 0 && !header.opened?.reason) wrong.push(`epoch ${epoch} has no reason`);
        if (header.opened?.departs) wrong.push(`epoch ${epoch} is a branch: there was one writer`);
        chain = header.chain;
        lines.push(bytes);
        last.set(epoch, header);
      } catch (error) {
        wrong.push(`part ${seq} of epoch ${epoch}: ${error instanceof Error ? error.message : error}`);
      }
    }
    texts.set(epoch, Buffer.concat(lines).toString('utf8'));
  }
  const heads = wrong.length === 0 ? await findHeads(store, address, epochs) : [];
  if (wrong.length === 0 && heads.length !== 1) wrong.push(`expected one open epoch, found ${heads.length}`);
  if (epochs.length > resets + 1) wrong.push(`expected at most ${resets + 1} epochs, found ${epochs.length}`);
  const all = [...texts.values()].join('');
  const hide = hider(secrets);
  if (hide(all) !== all) wrong.push('a secret stands in the bucket');
  const got = texts.get(heads[0]?.epoch ?? epochs.at(-1)?.epoch ?? 0) ?? '';
  wrong.push(...differences(got, hide(text)));
  return wrong;
}

/** Puts `[SECRET]` for each of the secrets. They begin alike: each place is looked at once, however many there are. */
function hider(secrets: readonly string[]): (text: string) => string {
  const known = new Set(secrets);
  const lengths = [...new Set(secrets.map(({ length }) => length))];
  const [first = ''] = secrets;
  let common = first.length;
  for (const secret of secrets) while (!secret.startsWith(first.slice(0, common))) common--;
  const start = first.slice(0, common);
  return (text) => {
    if (known.size === 0) return text;
    const pieces: string[] = [];
    let from = 0;
    for (let at = text.indexOf(start); at >= 0 && at < text.length; at = text.indexOf(start, at + 1)) {
      const length = at < from ? undefined : lengths.find((one) => known.has(text.slice(at, at + one)));
      if (length === undefined) continue;
      pieces.push(text.slice(from, at), '[SECRET]');
      from = at + length;
    }
    return pieces.join('') + text.slice(from);
  };
}

function differences(got: string, expected: string): string[] {
  const gotLines = got.replace(mark, '[SECRET]').split('\n');
  const lines = expected.split('\n');
  const at = lines.findIndex((line, n) => line !== gotLines[n]);
  if (at < 0 && gotLines.length === lines.length) return [];
  const n = at < 0 ? lines.length : at;
  return [
    `line ${n + 1} of ${lines.length} differs (the bucket has ${gotLines.length}): expected ${lines[n]?.slice(0, 120)}, got ${gotLines[n]?.slice(0, 120)}`,
  ];
}

async function readPart(
  store: BucketStore,
  address: StreamAddress,
  epoch: number,
  seq: number,
): Promise<{ header: PartHeader; bytes: Buffer }> {
  const key = partKey({ ...address, epoch, seq });
  const object = await store.get(key);
  let header: PartHeader | undefined;
  const lines: Uint8Array[] = [];
  for await (const piece of object ? openPart(object.body, key) : []) {
    if (piece.header) header = piece.header;
    else lines.push(piece.lines);
  }
  if (!header) throw new Error('it is not there');
  return { header, bytes: Buffer.concat(lines) };
}

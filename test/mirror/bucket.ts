import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import {
  type Epoch,
  findHeads,
  type Head,
  lastWithoutGap,
  listEpochs,
  type PartRange,
} from '../../src/mirror/epochs.ts';
import { chainHash, type PartHeader } from '../../src/mirror/part.ts';
import { type PartAddress, packKey, partKey, type StreamAddress } from '../../src/store/keys.ts';
import type { BucketStore } from '../../src/store/types.ts';

export interface EpochContent {
  readonly epoch: number;
  readonly lineage: Head['lineage'];
  readonly text: string;
  readonly headers: readonly PartHeader[];
  readonly closed: boolean;
}

/** Reads a stream with nothing of the program's read side but the part format, and checks all that must hold. */
export async function readStream(
  store: BucketStore,
  address: StreamAddress,
): Promise<{ epochs: EpochContent[]; heads: EpochContent[] }> {
  const listed = await listEpochs(store, address);
  const parts = new Map<string, { header: PartHeader; text: string }>();
  for (const epoch of listed) {
    expect(lastWithoutGap(epoch), `gap in epoch ${epoch.epoch}`).toBe(epoch.seqs.at(-1));
    const packed = await readPacks(store, address, epoch);
    for (const seq of epoch.seqs) {
      const { header, bytes } = packed.get(seq) ?? (await readPart(store, { ...address, epoch: epoch.epoch, seq }));
      expect(header!.seq).toBe(seq);
      expect(header!.content).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(header!.chain).toBe(chainHash(header!.prev, header!.content));
      expect(bytes.filter((byte) => byte === 10).length).toBe(header!.records);
      expect(bytes.length).toBe(header!.bytes);
      parts.set(`${epoch.epoch}/${seq}`, { header: header!, text: bytes.toString('latin1') });
    }
  }
  for (const { header } of parts.values()) {
    const next = header.closed?.next;
    if (next)
      expect([...parts.keys()], 'a closing part points to a part that is there').toContain(`${next.epoch}/${next.seq}`);
  }
  const epochs: EpochContent[] = [];
  for (const epoch of listed) {
    const lineage = lineageIn(parts, epoch.epoch, epoch.seqs.at(-1)!);
    const of = lineage.flatMap(({ epoch: e, through }) =>
      Array.from({ length: through + 1 }, (_, seq) => parts.get(`${e}/${seq}`)!),
    );
    let chain = '';
    let records = 0;
    for (const { header } of of) {
      expect(header.prev).toBe(chain);
      chain = header.chain;
    }
    for (const seq of epoch.seqs) {
      const { header } = parts.get(`${epoch.epoch}/${seq}`)!;
      records += header.records;
      expect(header.totals.records).toBe(records);
    }
    epochs.push({
      epoch: epoch.epoch,
      lineage,
      text: of.map((part) => part.text).join(''),
      headers: of.map((part) => part.header),
      closed: of.at(-1)!.header.closed !== undefined,
    });
  }
  const heads = await findHeads(store, address, listed);
  expect(heads.map((head) => head.epoch).sort()).toEqual(
    epochs
      .filter((e) => !e.closed)
      .map((e) => e.epoch)
      .sort(),
  );
  return { epochs, heads: epochs.filter((e) => !e.closed) };
}

interface Part {
  readonly header: PartHeader | undefined;
  readonly bytes: Buffer;
}

async function readPart(store: BucketStore, address: PartAddress): Promise<Part> {
  const bytes = gunzipSync(await (await store.get(partKey(address)))!.bytes());
  const end = bytes.indexOf(10);
  return { header: JSON.parse(bytes.subarray(0, end).toString()), bytes: bytes.subarray(end + 1) };
}

/** Header line, `records` lines, again; of packs that overlap the first counts. */
async function readPacks(
  store: BucketStore,
  address: StreamAddress,
  { epoch, packs }: Epoch,
): Promise<Map<number, Part>> {
  const parts = new Map<number, Part>();
  for (const pack of packs) {
    const bytes = gunzipSync(await (await store.get(packKey(address, epoch, pack)))!.bytes());
    for (let at = 0, seq = pack.first; at < bytes.length; seq++) {
      const end = bytes.indexOf(10, at);
      const header: PartHeader = JSON.parse(bytes.subarray(at, end).toString());
      at = end + 1;
      const start = at;
      for (let n = 0; n < header.records; n++) at = bytes.indexOf(10, at) + 1;
      if (!parts.has(seq)) parts.set(seq, { header, bytes: bytes.subarray(start, at) });
    }
  }
  return parts;
}

function lineageIn(parts: ReadonlyMap<string, { header: PartHeader }>, epoch: number, through: number): PartRange[] {
  const departs = parts.get(`${epoch}/0`)!.header.opened?.departs;
  return [...(departs ? lineageIn(parts, departs.epoch, departs.seq) : []), { epoch, through, packs: [] }];
}

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { findHeads, type Head, lastWithoutGap, listEpochs } from '../../src/mirror/epochs.ts';
import { chainHash, openPart, type PartHeader } from '../../src/mirror/part.ts';
import { partKey, type StreamAddress } from '../../src/store/keys.ts';
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
    for (const seq of epoch.seqs) {
      const key = partKey({ ...address, epoch: epoch.epoch, seq });
      const object = await store.get(key);
      let header: PartHeader | undefined;
      const lines: Uint8Array[] = [];
      for await (const piece of openPart(object!.body, key)) {
        if (piece.header) header = piece.header;
        else lines.push(piece.lines);
      }
      const bytes = Buffer.concat(lines);
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

function lineageIn(
  parts: ReadonlyMap<string, { header: PartHeader }>,
  epoch: number,
  through: number,
): { epoch: number; through: number }[] {
  const departs = parts.get(`${epoch}/0`)!.header.opened?.departs;
  return [...(departs ? lineageIn(parts, departs.epoch, departs.seq) : []), { epoch, through }];
}

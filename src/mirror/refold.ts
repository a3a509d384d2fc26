import { emptySummary } from '../harness/index.ts';
import type { SessionSummary } from '../harness/types.ts';
import { partKey } from '../store/keys.ts';
import { lineageOf } from './epochs.ts';
import { openPart } from './part.ts';
import type { Stream } from './stream.ts';
import { foldLines } from './summary.ts';

/** The summary of a stream from what the bucket holds of it: after a part was adopted, its fold is not known here. */
export async function refold(stream: Stream): Promise<SessionSummary> {
  const { store, address, record, harness } = stream;
  let summary = emptySummary;
  for (const { epoch, through } of await lineageOf(store, address, record.epoch, record.seq - 1)) {
    for (let seq = 0; seq <= through; seq++) {
      const key = partKey({ ...address, epoch, seq });
      const object = await store.get(key);
      if (!object) continue;
      let rest: Uint8Array = new Uint8Array();
      for await (const piece of openPart(object.body, key)) {
        if (!piece.lines) continue;
        const lines = rest.length > 0 ? Buffer.concat([rest, piece.lines]) : piece.lines;
        const end = lines.lastIndexOf(10) + 1;
        summary = foldLines(harness, address.stream, summary, lines.subarray(0, end));
        rest = lines.subarray(end);
      }
    }
  }
  return summary;
}

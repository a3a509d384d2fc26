import { emptySummary } from '../harness/index.ts';
import type { SessionSummary } from '../harness/types.ts';
import { lineageOf, placesOf } from './epochs.ts';
import { Parts } from './parts.ts';
import type { Stream } from './stream.ts';
import { foldLines } from './summary.ts';

/** The summary of a stream from what the bucket holds of it: after a part was adopted, its fold is not known here. */
export async function refold(stream: Stream): Promise<SessionSummary> {
  const { store, address, record, harness } = stream;
  const parts = new Parts(store);
  let summary = emptySummary;
  const lineage = await lineageOf(store, address, [], record.epoch, record.seq - 1);
  for (const place of placesOf(address, lineage)) {
    const part = await parts.get(place);
    if (!part) continue;
    let rest: Uint8Array = new Uint8Array();
    for await (const piece of part.pieces) {
      if (!piece.lines) continue;
      const lines = rest.length > 0 ? Buffer.concat([rest, piece.lines]) : piece.lines;
      const end = lines.lastIndexOf(10) + 1;
      summary = foldLines(harness, address.stream, summary, lines.subarray(0, end));
      rest = lines.subarray(end);
    }
  }
  return summary;
}

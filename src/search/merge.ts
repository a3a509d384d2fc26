import { ByteReader, ByteWriter } from './bytes.ts';
import { type Run, type SearchSession, sessionId } from './document.ts';
import { type DocumentColumns, emptyColumns } from './documents.ts';
import { decodeMatches, writeDocument } from './postings.ts';
import type { Segment } from './segment.ts';
import { SegmentWriter, type WrittenSegment } from './segment-writer.ts';

/** What of the segments is still wanted. */
export interface Keep {
  session(id: string): boolean;
  run(run: Run): boolean;
}

interface Part {
  readonly segment: Segment;
  /** New number of each document, or -1. Order is kept. */
  readonly numbers: Int32Array;
  readonly tools: readonly number[];
}

/** One segment of several, without the runs that are no longer wanted. Documents keep their order. */
export async function mergeSegments(segments: readonly Segment[], keep: Keep): Promise<WrittenSegment> {
  const sessions = new Map<string, SearchSession>();
  const order = new Map<string, number>();
  const runs: Run[] = [];
  const tools: string[] = [];
  const parts: Part[] = [];
  let documents = 0;
  let [tokens, textBytes] = [0, 0];
  for (const segment of segments) {
    const numbers = new Int32Array(segment.head.documents).fill(-1);
    let kept = 0;
    for (const session of segment.head.sessions) {
      const id = sessionId(session);
      if (!keep.session(id)) continue;
      const known = sessions.get(id);
      if (!known || known.updatedAt < session.updatedAt) sessions.set(id, session);
      if (!order.has(id)) order.set(id, order.size);
    }
    for (const run of segment.head.runs) {
      const session = segment.head.sessions[run.session];
      const number = session && order.get(sessionId(session));
      if (number === undefined || !keep.run(run)) continue;
      runs.push({ ...run, session: number, first: documents });
      for (let i = 0; i < run.count; i++) numbers[run.first + i] = documents + i;
      documents += run.count;
      kept += run.count;
    }
    // Of what is left out the tokens are not counted one by one: it is a matter of ranking only.
    const share = segment.head.documents === 0 ? 1 : kept / segment.head.documents;
    tokens += Math.round(segment.head.tokens * share);
    textBytes += Math.round(segment.head.textBytes * share);
    parts.push({ segment, numbers, tools: segment.head.tools.map((tool) => toolNumber(tools, tool)) });
  }
  const writer = new SegmentWriter();
  await mergeTerms(parts, writer);
  return writer.finish({
    sessions: [...order.keys()].flatMap((id) => sessions.get(id) ?? []),
    runs,
    tools,
    columns: mergeColumns(parts, documents),
    tokens,
    textBytes,
  });
}

function toolNumber(tools: string[], tool: string): number {
  const known = tools.indexOf(tool);
  if (known >= 0) return known + 1;
  return tools.length < 255 ? tools.push(tool) : 0;
}

async function mergeTerms(parts: readonly Part[], writer: SegmentWriter): Promise<void> {
  const heads = await Promise.all(
    parts.map(async (part) => {
      const terms = part.segment.terms();
      return { part, terms, entry: (await terms.next()).value };
    }),
  );
  const [documents, places] = [new ByteWriter(), new ByteWriter()];
  for (;;) {
    let term: string | undefined;
    for (const { entry } of heads) if (entry && (term === undefined || entry.term < term)) term = entry.term;
    if (term === undefined) return;
    documents.clear();
    places.clear();
    let [count, last] = [0, 0];
    for (const head of heads) {
      const { entry, part } = head;
      if (entry?.term !== term) continue;
      const matches = decodeMatches(entry);
      const reader = new ByteReader(entry.places);
      for (let i = 0; i < matches.documents.length; i++) {
        const number = part.numbers[matches.documents[i] ?? 0] ?? -1;
        const times = matches.counts[i] ?? 0;
        const start = reader.at;
        if (entry.places.length > 0) reader.skip(times);
        if (number < 0) continue;
        places.append(entry.places.subarray(start, reader.at));
        writeDocument(documents, number - last, times);
        last = number;
        count++;
      }
      head.entry = (await head.terms.next()).value;
    }
    if (count > 0) await writer.add(term, { count, documents: documents.view(), places: places.view() });
  }
}

function mergeColumns(parts: readonly Part[], count: number): DocumentColumns {
  const merged = emptyColumns(count);
  for (const { segment, numbers, tools } of parts) {
    const { columns } = segment;
    numbers.forEach((to, from) => {
      if (to < 0) return;
      for (const name of ['kind', 'length', 'seq', 'record', 'time'] as const)
        merged[name][to] = columns[name][from] ?? 0;
      merged.tool[to] = tools[(columns.tool[from] ?? 0) - 1] ?? 0;
    });
  }
  return merged;
}

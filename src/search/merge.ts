import { enlarged } from './bytes.ts';
import { keepNewest, type Run, type SearchSession, sessionId } from './document.ts';
import { type DocumentColumns, emptyColumns } from './documents.ts';
import { noHint } from './hints.ts';
import type { Segment, SegmentTerm } from './segment.ts';
import { toolNumber } from './segment-builder.ts';
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
  /** Number of each, in the order in which they came to `sessions`. */
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
      if (!keep.session(sessionId(session))) continue;
      const id = keepNewest(sessions, session);
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
  const writer = new SegmentWriter(documents);
  await mergeTerms(parts, writer);
  return writer.finish({
    sessions: [...sessions.values()],
    runs,
    tools,
    columns: mergeColumns(parts, documents),
    tokens,
    textBytes,
  });
}

/** The terms of a part in order: the next one, and how to go on. */
class TermCursor {
  readonly part: Part;
  entry: SegmentTerm | undefined;
  readonly #blocks: AsyncGenerator<Iterable<SegmentTerm>>;
  #block: Iterator<SegmentTerm> = [][Symbol.iterator]();

  constructor(part: Part) {
    this.part = part;
    this.#blocks = part.segment.blocks();
  }

  /** Goes on within a block; false where the next one has to be fetched. */
  step(): boolean {
    const { value, done } = this.#block.next();
    this.entry = done ? undefined : value;
    return !done;
  }

  async fetch(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#blocks.next();
      if (done) return;
      this.#block = value[Symbol.iterator]();
      if (this.step()) return;
    }
  }
}

async function mergeTerms(parts: readonly Part[], writer: SegmentWriter): Promise<void> {
  const cursors = parts.map((part) => new TermCursor(part));
  await Promise.all(cursors.map((cursor) => cursor.fetch()));
  let documents = new Uint32Array(1024);
  let counts = new Uint8Array(documents.length);
  let hints = new Uint8Array(documents.length);
  for (;;) {
    let term: string | undefined;
    for (const { entry } of cursors) if (entry && (term === undefined || entry.term < term)) term = entry.term;
    if (term === undefined) return;
    let count = 0;
    for (const cursor of cursors) {
      if (cursor.entry?.term !== term) continue;
      const postings = cursor.entry.postings();
      const { numbers } = cursor.part;
      while (count + postings.documents.length > documents.length) {
        [documents, counts, hints] = [enlarged(documents), enlarged(counts), enlarged(hints)];
      }
      for (let i = 0; i < postings.documents.length; i++) {
        const number = numbers[postings.documents[i] ?? 0] ?? -1;
        if (number < 0) continue;
        documents[count] = number;
        counts[count] = postings.counts[i] ?? 1;
        hints[count++] = postings.hints[i] ?? noHint;
      }
      if (!cursor.step()) await cursor.fetch();
    }
    const full = count > 0 ? writer.add(term, { documents, counts, hints }, 0, count) : undefined;
    if (full) await full;
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

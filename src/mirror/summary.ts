import type { Harness, SessionSummary } from '../harness/types.ts';

export const emptySummary: SessionSummary = { turns: 0, records: 0, invalid: 0, unknown: 0 };

/** Above this a record is counted but not parsed: its objects would take many times its size. */
const LARGE_RECORD = 4 << 20;

/** Folds whole redacted lines into a stream's summary. */
export function foldLines(
  harness: Harness,
  stream: string,
  summary: SessionSummary,
  lines: Uint8Array,
): SessionSummary {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  let folded = summary;
  for (let start = 0; start < buffer.length; ) {
    const newline = buffer.indexOf(10, start);
    const end = newline < 0 ? buffer.length : newline;
    folded =
      end - start > LARGE_RECORD
        ? { ...folded, records: folded.records + 1 }
        : harness.summarise(folded, { stream, bytes: buffer.subarray(start, end), value: parse(buffer, start, end) });
    start = end + 1;
  }
  return folded;
}

function parse(buffer: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(buffer.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}

/** One summary of a session from those of its streams, the main stream first. */
export function mergeSummaries(summaries: readonly SessionSummary[]): SessionSummary {
  const merged: { -readonly [K in keyof SessionSummary]: SessionSummary[K] } = { ...emptySummary };
  for (const s of summaries) {
    merged.turns += s.turns;
    merged.records += s.records;
    merged.invalid += s.invalid;
    merged.unknown += s.unknown;
    if (s.title !== undefined && rank(s) > rank(merged)) {
      merged.title = s.title;
      merged.titleFrom = s.titleFrom;
    }
    for (const key of ['cwd', 'branch', 'commit', 'repository', 'agentVersion'] as const) merged[key] ??= s[key];
    if (s.models?.length) merged.models = [...new Set([...(merged.models ?? []), ...s.models])].slice(0, 16);
    if (s.startedAt && (!merged.startedAt || s.startedAt < merged.startedAt)) merged.startedAt = s.startedAt;
    if (s.endedAt && (!merged.endedAt || s.endedAt > merged.endedAt)) merged.endedAt = s.endedAt;
    if (s.lineage?.length) merged.lineage = [...(merged.lineage ?? []), ...s.lineage];
  }
  return merged;
}

function rank(summary: SessionSummary): number {
  if (summary.title === undefined) return -1;
  return ['prompt', 'agent', 'user'].indexOf(summary.titleFrom ?? 'prompt');
}

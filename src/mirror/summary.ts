import { emptySummary, linesOf, parseRecord } from '../harness/index.ts';
import type { Harness, SessionSummary } from '../harness/types.ts';

/** Folds whole redacted lines into a stream's summary. */
export function foldLines(
  harness: Harness,
  stream: string,
  summary: SessionSummary,
  lines: Uint8Array,
): SessionSummary {
  let folded = summary;
  for (const bytes of linesOf(lines)) folded = harness.summarise(folded, { stream, bytes, value: parseRecord(bytes) });
  return folded;
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
      merged.titleFrom = s.titleFrom ?? 'prompt';
    }
    for (const key of ['cwd', 'branch', 'commit', 'repository', 'agentVersion', 'schema'] as const) {
      const value = merged[key] ?? s[key];
      if (value !== undefined) merged[key] = value;
    }
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

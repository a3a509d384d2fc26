import {
  changeRecord,
  counted,
  field,
  type RecordView,
  type SessionSummary,
  seen,
  stringField,
  titled,
  withModel,
} from '../../src/harness/index.ts';

/** What a change of a session or a message says of the session. */
export function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const change = changeRecord(record.value);
  const next = counted(summary, record, change !== undefined);
  if (change === undefined || 'delete' in change) return next;
  if (change.put === 'sessions') return summariseSession(next, change.row);
  return change.put === 'messages' ? summariseMessage(next, change.row) : next;
}

function summariseSession(summary: SessionSummary, row: unknown): SessionSummary {
  const titleFrom = field(row, 'title_source') === 'user' ? 'user' : 'agent';
  const next = seen(summary, { cwd: stringField(row, 'cwd'), branch: stringField(row, 'git_branch') });
  const modelled = withModel(next, stringField(row, 'model'));
  return titled(within(modelled, field(row, 'started_at')), field(row, 'title'), titleFrom);
}

/**
 * A row comes again when it is updated, and a clone of it under another id: neither is later than what was there
 * before, as a prompt is.
 */
function summariseMessage(summary: SessionSummary, row: unknown): SessionSummary {
  const at = field(row, 'timestamp');
  const next = within(summary, at, at);
  const later = next.endedAt !== summary.endedAt;
  if (!later || field(row, 'role') !== 'user' || field(row, '_compressed_summary') === 1) return next;
  return titled({ ...next, turns: next.turns + 1 }, promptOf(field(row, 'content')), 'prompt');
}

function promptOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return field(
    content.find((part) => field(part, 'type') === 'text'),
    'text',
  );
}

/** Times in seconds since 1970; years beyond 9999 are no times. */
function within(summary: SessionSummary, from: unknown, to?: unknown): SessionSummary {
  const [startedAt, endedAt] = [from, to].map((at) =>
    typeof at === 'number' && at >= 0 && at < 253_402_300_800 ? new Date(at * 1000).toISOString() : undefined,
  );
  let next = summary;
  if (startedAt !== undefined && !(next.startedAt && next.startedAt <= startedAt)) next = { ...next, startedAt };
  if (endedAt !== undefined && !(next.endedAt && next.endedAt >= endedAt)) next = { ...next, endedAt };
  return next;
}

import type { CatalogLine } from '../mirror/meta.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { isPayload, type Json } from '../trajectory/payload.ts';
import { outputText, textOf } from './text.ts';

export type CellType = 'STRING' | 'INT32' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'JSON';
/** Of a column of JSON it is the value itself. */
export type Cell = string | number | boolean | Date | object | null | undefined;

/** A column: its name, its type, and what of a row stands in it. */
export interface Column<T> {
  readonly name: string;
  readonly type: CellType;
  of(row: T): Cell;
}

export interface EventRow {
  readonly session: string;
  readonly event: RecordEvent;
}

/** Columns of the table of events: docs/analysis.md. */
export const eventColumns: readonly Column<EventRow>[] = [
  { name: 'session', type: 'STRING', of: ({ session }) => session },
  { name: 'stream', type: 'STRING', of: ({ event }) => event.at.stream },
  { name: 'seq', type: 'INT32', of: ({ event }) => event.seq },
  { name: 'turn', type: 'INT32', of: ({ event }) => event.turn },
  { name: 'kind', type: 'STRING', of: ({ event }) => event.kind },
  { name: 'time', type: 'TIMESTAMP', of: ({ event }) => dateOf(event.time) },
  { name: 'role', type: 'STRING', of: ({ event }) => (event.kind === 'message' ? event.role : undefined) },
  { name: 'sender', type: 'STRING', of: ({ event }) => (event.kind === 'message' ? event.from : undefined) },
  { name: 'text', type: 'STRING', of: ({ event }) => textIn(event) },
  { name: 'tool', type: 'STRING', of: ({ event }) => ('tool' in event ? event.tool : undefined) },
  { name: 'call_id', type: 'STRING', of: ({ event }) => ('callId' in event ? event.callId : undefined) },
  {
    name: 'input',
    type: 'JSON',
    of: ({ event }) => (event.kind === 'tool_call' ? event.input : undefined),
  },
  {
    name: 'error',
    type: 'BOOLEAN',
    of: ({ event }) => event.kind === 'error' || (event.kind === 'tool_result' ? event.error === true : undefined),
  },
  { name: 'exit_code', type: 'INT32', of: ({ event }) => (event.kind === 'tool_result' ? event.exitCode : undefined) },
  { name: 'duration_ms', type: 'DOUBLE', of: ({ event }) => ('durationMs' in event ? event.durationMs : undefined) },
  { name: 'model', type: 'STRING', of: ({ event }) => ('model' in event ? event.model : undefined) },
  { name: 'tokens_input', type: 'DOUBLE', of: ({ event }) => tokens(event)?.input },
  { name: 'tokens_cache_read', type: 'DOUBLE', of: ({ event }) => tokens(event)?.cacheRead },
  { name: 'tokens_cache_write', type: 'DOUBLE', of: ({ event }) => tokens(event)?.cacheWrite },
  { name: 'tokens_output', type: 'DOUBLE', of: ({ event }) => tokens(event)?.output },
  { name: 'id', type: 'STRING', of: ({ event }) => event.id },
  { name: 'parent_id', type: 'STRING', of: ({ event }) => event.parentId },
  { name: 'event', type: 'JSON', of: ({ event }) => event },
];

/** Columns of the table of sessions, from the catalog. */
export const sessionColumns: readonly Column<CatalogLine>[] = [
  { name: 'session', type: 'STRING', of: ({ session }) => session },
  { name: 'title', type: 'STRING', of: ({ title }) => title },
  { name: 'state', type: 'STRING', of: ({ state }) => state },
  { name: 'host', type: 'STRING', of: ({ host }) => host },
  { name: 'agent', type: 'STRING', of: ({ agent }) => agent },
  { name: 'user', type: 'STRING', of: ({ user }) => user },
  { name: 'cwd', type: 'STRING', of: ({ cwd }) => cwd },
  { name: 'repository', type: 'STRING', of: ({ repository }) => repository },
  { name: 'branch', type: 'STRING', of: ({ branch }) => branch },
  { name: 'models', type: 'JSON', of: ({ models }) => models ?? [] },
  { name: 'agent_version', type: 'STRING', of: ({ agentVersion }) => agentVersion },
  { name: 'turns', type: 'INT32', of: ({ turns }) => turns },
  { name: 'records', type: 'DOUBLE', of: ({ records }) => records },
  { name: 'bytes', type: 'DOUBLE', of: ({ bytes }) => bytes },
  { name: 'redactions', type: 'DOUBLE', of: ({ redactions }) => redactions },
  { name: 'started', type: 'TIMESTAMP', of: ({ startedAt }) => dateOf(startedAt) },
  { name: 'ended', type: 'TIMESTAMP', of: ({ endedAt }) => dateOf(endedAt) },
];

/** Day of a session, by which tables are parted: when it began, else when it was last written. */
export function dayOf(line: Pick<CatalogLine, 'startedAt' | 'updatedAt'>): string | undefined {
  return dateOf(line.startedAt ?? line.updatedAt)
    ?.toISOString()
    .slice(0, 10);
}

function dateOf(time: string | undefined): Date | undefined {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function textIn(event: RecordEvent): string | undefined {
  switch (event.kind) {
    case 'message':
      return event.content.map((part) => (part.type === 'text' ? textOf(part.text) : '')).join('\n');
    case 'thinking':
    case 'subagent_return':
      return textOf(event.text);
    case 'tool_result':
      return outputText(event.output as Json);
    case 'compaction':
      return textOf(event.summary);
    case 'error':
      return textOf(event.message);
    case 'unknown':
      return typeof event.raw === 'string' || isPayload(event.raw) ? textOf(event.raw) : undefined;
    default:
      return undefined;
  }
}

function tokens(event: RecordEvent) {
  return event.kind === 'usage' ? event.tokens : undefined;
}

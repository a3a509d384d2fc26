import type { CatalogLine } from '../mirror/meta.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import type { Statistics } from '../trajectory/statistics.ts';
import type { TurnDetail } from './turn-detail.ts';

/** What rows of statistics stand for. */
export const groupings = [
  'day',
  'model',
  'tool',
  'repo',
  'host',
  'agent',
  'harness',
  'session',
  'stream',
  'turn',
] as const;
export type Grouping = (typeof groupings)[number];

/** What of a session is to be known for statistics of it. */
export type CountedSession = Pick<CatalogLine, 'harness' | 'session'> &
  Partial<Pick<CatalogLine, 'repository' | 'cwd' | 'host' | 'agent' | 'startedAt'>>;

export interface Counted {
  readonly total: Statistics;
  /** By what `by` says, in the order of the first event. */
  readonly groups: ReadonlyMap<string, Statistics>;
  /** Of the same groups, where it was asked for and they are turns. */
  readonly details?: ReadonlyMap<string, TurnDetail>;
}

/** A turn belongs to the day on which it began: its calls meet their results there. */
export function groupOf(by: Grouping | undefined, session: CountedSession): (event: RecordEvent) => string {
  let day = session.startedAt?.slice(0, 10) ?? 'unknown';
  let turn = '';
  switch (by) {
    case 'day':
      return ({ at, turn: n, time }) => {
        const now = `${at.stream} ${n}`;
        if (now !== turn && time !== undefined) {
          turn = now;
          day = time.slice(0, 10);
        }
        return day;
      };
    case 'repo':
      return () => session.repository ?? session.cwd ?? 'unknown';
    case 'host':
      return () => session.host ?? 'unknown';
    case 'agent':
      return () => session.agent ?? 'unknown';
    case 'harness':
      return () => session.harness;
    case 'session':
      return () => `${session.harness}/${session.session}`;
    case 'stream':
      return ({ at }) => at.stream;
    case 'turn':
      return ({ at, turn: n }) => `${at.stream} ${n}`;
    default:
      return () => '';
  }
}

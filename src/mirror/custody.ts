import type { PartHeader } from './part.ts';
import type { CheckedPart } from './verify.ts';

/** Whether a stream was complete in the bucket before its source was deleted. Times are those of the writer's clock. */
export interface Custody {
  readonly event: 'custody';
  readonly stream: string;
  /** `held`: it was. `unproven`: nothing shows it. `present`: its source was not reported deleted. */
  readonly custody: 'held' | 'unproven' | 'present';
  /** Why nothing shows it. */
  readonly reason?: string;
  /** Of a plain file, when it was seen last; all of them are in the bucket where it is `held`. */
  readonly bytes?: number;
  /** When the source was changed last. */
  readonly changedAt?: string;
  /** When the last of it was put into the bucket. */
  readonly completeAt?: string;
  /** When it was found deleted. */
  readonly goneAt?: string;
  /** Mirror that saw it. */
  readonly mirror?: string;
}

/**
 * What the bucket has to say for a stream: its last part says that the source is gone, and that nothing of it was left to
 * ship when it was seen last; the parts before cover just as much of a plain file, and were made before. That the parts
 * are whole, and follow each other, was proven by whoever read them.
 * @param content all parts of the stream, up to its last
 */
export function custodyOf(last: PartHeader, content: readonly CheckedPart[]): Custody {
  const others = content.slice(0, -1);
  return judge(last.stream, last, others.findLast(({ records }) => records > 0) ?? others[0]);
}

function judge(stream: string, last: PartHeader, before: Pick<CheckedPart, 'at'> | undefined): Custody {
  if (last.event !== 'gone') return { event: 'custody', stream, custody: 'present' };
  const { seen, to, at: goneAt } = last;
  const facts = {
    ...(seen?.size !== undefined && { bytes: seen.size }),
    ...(seen && { changedAt: seen.mtime }),
    ...(before && { completeAt: before.at }),
    goneAt,
    mirror: last.writer.mirror,
  };
  const reason = doubt(seen, to, before, goneAt);
  return {
    event: 'custody',
    stream,
    custody: reason === undefined ? 'held' : 'unproven',
    ...(reason !== undefined && { reason }),
    ...facts,
  };
}

function doubt(
  seen: PartHeader['seen'],
  to: PartHeader['to'],
  before: Pick<CheckedPart, 'at'> | undefined,
  goneAt: string,
): string | undefined {
  if (!seen) return 'nobody noted that nothing of its source was left to ship';
  if (to.kind === 'bytes' && seen.size !== undefined && seen.size !== to.offset)
    return `its source had ${seen.size} bytes, the bucket has ${to.offset}`;
  if (!before || before.at > goneAt) return 'no part was made before it was found deleted';
  return undefined;
}

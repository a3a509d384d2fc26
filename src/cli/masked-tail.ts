import type { Harness } from '../harness/types.ts';
import { projectorOf } from '../sessions/events.ts';
import { type Masked, maskEvent } from '../trajectory/mask.ts';
import { Sequence } from '../trajectory/sequence.ts';

/** The last records, each ending with `\n`: as they are, or their events where something is masked. */
export function tailText(
  lines: readonly Uint8Array[],
  harness: Pick<Harness, 'projector'> | undefined,
  stream: string,
  mask: ReadonlySet<Masked>,
): string[] {
  if (mask.size > 0) return maskedTail(lines, harness, stream, mask);
  return lines.map((line) => Buffer.from(line).toString('utf8').slice(0, -1));
}

/**
 * Records as a line of JSON for each of their events, without what is masked. Numbers and places
 * are left out: they count from a stream's start, and these are its end.
 */
function maskedTail(
  lines: readonly Uint8Array[],
  harness: Pick<Harness, 'projector'> | undefined,
  stream: string,
  mask: ReadonlySet<Masked>,
): string[] {
  const sequence = new Sequence(projectorOf(harness, stream), { inline: Number.POSITIVE_INFINITY });
  return lines.flatMap((line, record) =>
    sequence.events(line.subarray(0, -1), { stream, epoch: 0, record }).map((event) => {
      const { seq, at, turn, ...rest } = maskEvent(event, mask);
      return JSON.stringify(rest, (name, value) => (name === 'at' && typeof value === 'object' ? undefined : value));
    }),
  );
}

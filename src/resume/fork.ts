import { CairnError } from '../errors.ts';
import { emptySummary, linesOf, parseRecord, type RestoreTarget, type Restoring } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';

/** A fork of a session. */
export interface ForkChoice {
  /** The id that it gets. */
  readonly as: string;
  /** Turns that it begins with; default all. */
  readonly turns?: number;
  /** Streams of the sub-agent that becomes a session, its transcript first; default the session itself. */
  readonly agent?: readonly [string, ...string[]];
}

/**
 * A transcript as a fork has it: it says where it comes from, and ends before the turn behind the last that is wanted.
 * @throws CairnError `usage` where the session has fewer turns
 */
export async function* forkedContent(
  harness: Harness,
  restoring: Restoring,
  target: RestoreTarget,
  blocks: AsyncIterable<Uint8Array>,
  turns: number | undefined,
): AsyncGenerator<Uint8Array> {
  let summary = emptySummary;
  // Of a turn whose prompt is still to come.
  let held: Uint8Array[] = [];
  for await (const block of blocks) {
    const ready: Uint8Array[] = [];
    for (const bytes of linesOf(block)) {
      const value = parseRecord(bytes);
      const before = summary.turns;
      summary = harness.summarise(summary, { stream: 'main', bytes, value });
      if (turns !== undefined && summary.turns > turns) {
        if (ready.length > 0) yield Buffer.concat(ready);
        return;
      }
      const place = summary.turns > before ? undefined : restoring.beforePrompt(value);
      const line = forkedLine(restoring, target, bytes, value);
      if (place === 'behind' && held.length > 0) held.push(line);
      else {
        for (const one of held) ready.push(one);
        held = place === 'first' ? [line] : [];
        if (place !== 'first') ready.push(line);
      }
    }
    if (ready.length > 0) yield Buffer.concat(ready);
  }
  if (turns !== undefined && summary.turns < turns) {
    throw new CairnError('usage', `expected a session of at least ${turns} turns for --at, got ${summary.turns}`, {
      hint: '`cairn session show` tells how many it has',
    });
  }
  if (held.length > 0) yield Buffer.concat(held);
}

function forkedLine(restoring: Restoring, target: RestoreTarget, bytes: Uint8Array, value: unknown): Uint8Array {
  const forked = value == null ? value : restoring.forked?.(value, target);
  if (forked == null || forked === value) return Buffer.concat([bytes, Buffer.from('\n')]);
  return Buffer.from(`${JSON.stringify(forked)}\n`);
}

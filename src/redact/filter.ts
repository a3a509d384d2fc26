import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isSettled, lineBlocks, nextOf } from './line-blocks.ts';
import { openRedactor, type Redaction } from './open.ts';
import type { Inspection, Pool } from './pool.ts';
import { createJoin, createRooms, sharedRoom } from './rooms.ts';
import { isWholeText, redactKeepingLines } from './text.ts';
import type { Redacted } from './types.ts';

/** Blocks of fewer bytes are no backlog: other cores would only make them later. */
const backlogBytes = 4 << 20;
/** So many bytes of a backlog come before other cores are asked: to start them takes longer than they would save. */
const alone = 64 << 20;
/** Threads beside the first that a backlog is inspected on at most: each has the rules compiled for itself. */
const mostHelpers = 7;
/** Blocks that are read ahead, so that the other cores have work: bounds the memory. */
const ahead = 2;

/**
 * The compiler comes late: bytes of bytecode that a function has run before (sixty times the usual), and executions of a
 * regular expression. On 50 MB it took longer than all that it was for.
 */
const compileLate = ['--interrupt-budget=8000000', '--regexp-tier-up-ticks=100'];

/**
 * The blocks of whole lines of `source` without their secrets, each as soon as nothing more comes until `pause` is over.
 * The last may lack its newline. Of a backlog what comes behind its first `aloneFor` bytes is inspected on several cores.
 * What is handed out is gone when the next is asked for: memory is used again, as fresh memory costs more than to find
 * what is in it.
 * @throws CairnError `too-large` for a line of more than 1 GiB; what `source` throws, behind all that came before
 */
export async function* redactLines(
  source: AsyncIterable<Uint8Array>,
  redaction: Redaction,
  pause: () => Promise<void>,
  aloneFor = alone,
): AsyncGenerator<Redacted> {
  for (const flag of compileLate) setFlagsFromString(flag);
  const redactor = openRedactor({ ...redaction, join: createJoin() });
  const helpers = Math.min(mostHelpers, availableParallelism() - 1);
  const rooms = createRooms(helpers > 0 ? sharedRoom : Buffer.allocUnsafeSlow, ahead + 1);
  const blocks = lineBlocks(source, pause, rooms.take);
  let backlog = 0;
  const begun: Inspection[] = [];
  let pool: Pool | undefined;
  async function* finish() {
    const { block, inspected } = begun.shift() as Inspection;
    yield redactor.redact(block, await inspected());
    rooms.release(block);
  }
  try {
    for (;;) {
      const next = nextOf(blocks);
      while (begun.length > 0 && (begun.length > ahead || !(await isSettled(next, pause())))) yield* finish();
      const { value: lines, failure } = await next;
      if (lines === undefined) {
        while (begun.length > 0) yield* finish();
        if (failure) throw failure.cause;
        return;
      }
      const isBacklog = lines.length >= backlogBytes;
      if (isBacklog) backlog += lines.length;
      if (helpers > 0 && isBacklog && backlog > aloneFor && lines.at(-1) === 0x0a && !isWholeText(lines)) {
        // Most that is filtered ends before it needs threads.
        pool ??= (await import('./pool.ts')).openPool(redaction, helpers);
        begun.push(pool.begin(lines));
        continue;
      }
      while (begun.length > 0) yield* finish();
      yield redactKeepingLines(redactor, lines);
      rooms.release(lines);
    }
  } finally {
    await blocks.return(undefined);
    await pool?.close();
  }
}

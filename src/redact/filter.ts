import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isSettled, lineBlocks } from './line-blocks.ts';
import { openRedactor, type Redaction } from './open.ts';
import { type Inspection, openPool, type Pool, sharedBlock } from './pool.ts';
import { isWholeText, redactKeepingLines } from './text.ts';
import type { Redacted } from './types.ts';

/** Blocks of fewer bytes are no backlog: other cores would only make them later. */
const backlogBytes = 4 << 20;
/** Threads beside the first that a backlog is inspected on at most: each has the rules compiled for itself. */
const mostHelpers = 7;
/** Blocks that are read ahead, so that the other cores have work: bounds the memory. */
const ahead = 2;

/**
 * Bytes of bytecode that a function has run before it is compiled once more, fifteen times the usual: on 50 MB the
 * compiler took longer for the functions of rules than all of JavaScript ran.
 */
const compileAfter = 1_000_000;

/**
 * The blocks of whole lines of `source` without their secrets, each as soon as nothing more comes until `pause` is over.
 * The last may lack its newline. Of a backlog the blocks are inspected on several cores.
 * @throws CairnError `too-large` for a line of more than 1 GiB; what `source` throws
 */
export async function* redactLines(
  source: AsyncIterable<Uint8Array>,
  redaction: Redaction,
  pause: () => Promise<void>,
): AsyncGenerator<Redacted> {
  setFlagsFromString(`--interrupt-budget=${compileAfter}`);
  const redactor = openRedactor(redaction);
  const helpers = Math.min(mostHelpers, availableParallelism() - 1);
  const isBacklog = (size: number) => helpers > 0 && size >= backlogBytes;
  const blocks = lineBlocks(source, pause, (size) => (isBacklog(size) ? sharedBlock(size) : Buffer.allocUnsafe(size)));
  const begun: Inspection[] = [];
  let pool: Pool | undefined;
  const finish = async () => {
    const { block, inspected } = begun.shift() as Inspection;
    return redactor.redact(block, await inspected());
  };
  try {
    for (;;) {
      const next = blocks.next();
      next.catch(() => undefined); // told when its turn comes
      while (begun.length > 0 && (begun.length > ahead || !(await isSettled(next, pause())))) yield await finish();
      const { value: lines, done } = await next;
      if (done) break;
      if (isBacklog(lines.length) && lines.at(-1) === 0x0a && !isWholeText(lines)) {
        pool ??= openPool(redaction, helpers);
        begun.push(pool.begin(lines));
        continue;
      }
      while (begun.length > 0) yield await finish();
      yield redactKeepingLines(redactor, lines);
    }
    while (begun.length > 0) yield await finish();
  } finally {
    await blocks.return(undefined);
    await pool?.close();
  }
}

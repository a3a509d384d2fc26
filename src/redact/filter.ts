import { availableParallelism } from 'node:os';
import { isSettled, lineBlocks } from './line-blocks.ts';
import { openRedactor, type Redaction } from './open.ts';
import { type Inspection, openPool, type Pool, sharedBlock } from './pool.ts';
import type { Redacted } from './types.ts';

/** Blocks of fewer bytes are no backlog: other cores would only make them later. */
const backlogBytes = 4 << 20;
/** Blocks that are read ahead, so that the other cores have work: bounds the memory. */
const ahead = 2;

/**
 * The blocks of whole lines of `source` without their secrets, each as soon as nothing more comes until `pause` is over.
 * The last may lack its newline. Of a backlog the blocks are inspected on all cores.
 * @throws CairnError `too-large` for a line of more than 1 GiB
 */
export async function* redactLines(
  source: AsyncIterable<Uint8Array>,
  redaction: Redaction,
  pause: () => Promise<void>,
): AsyncGenerator<Redacted> {
  const redactor = openRedactor(redaction);
  const helpers = availableParallelism() - 1;
  const isBacklog = (size: number) => helpers > 0 && size >= backlogBytes;
  const blocks = lineBlocks(source, pause, (size) => (isBacklog(size) ? sharedBlock(size) : Buffer.allocUnsafe(size)));
  const begun: Inspection[] = [];
  let pool: Pool | undefined;
  const finish = async () => {
    const { block, findings } = begun.shift() as Inspection;
    return redactor.redact(block, await findings());
  };
  try {
    for (;;) {
      const next = blocks.next();
      while (begun.length > 0 && (begun.length > ahead || !(await isSettled(next, pause())))) yield await finish();
      const { value: lines, done } = await next;
      if (done) break;
      if (isBacklog(lines.length) && lines.at(-1) === 0x0a) {
        pool ??= openPool(redaction, helpers);
        begun.push(pool.begin(lines));
        continue;
      }
      while (begun.length > 0) yield await finish();
      yield redactTorn(lines);
    }
    while (begun.length > 0) yield await finish();
  } finally {
    await blocks.return(undefined);
    await pool?.close();
  }

  function redactTorn(lines: Buffer): Redacted {
    if (lines.at(-1) === 0x0a) return redactor.redact(lines);
    const { block, found } = redactor.redact(Buffer.concat([lines, Buffer.from('\n')]));
    return { block: block.subarray(0, -1), found };
  }
}

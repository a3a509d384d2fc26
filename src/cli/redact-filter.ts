import { setTimeout as delay } from 'node:timers/promises';
import { type Context, defineCommand } from './command.ts';
import { readPassing } from './input-file.ts';
import { entropyOption, parseEntropy } from './redact-entropy.ts';
import { tallyOf } from './redact-tally.ts';

/** A source that is silent for so long gets what it has given so far. */
const IDLE_MS = 25;

export const filterCommand = defineCommand({
  usage: 'filter',
  describe: 'Read lines on standard input, write them without secrets to standard output',
  examples: [
    ['cairn redact filter < session.jsonl > clean.jsonl', 'a transcript; any other text as well'],
    ['docker logs -f web | cairn redact filter', 'lines come out as they come in'],
  ],
  epilogue:
    'A line without a secret is the same bytes, valid JSON stays valid, and there are as many lines. What is counted is noted on standard error.',
  options: (yargs) => entropyOption(yargs),
  run: ({ entropy }, context) => runFilter(entropy, context),
});

/** `entropy`: as `--entropy` has it. */
export async function runFilter(
  entropy: string | undefined,
  { output, stdin, flags, signal }: Context,
): Promise<undefined> {
  const { openRedaction } = await import('../app-host.ts');
  const { withEntropy } = await import('../secrets.ts');
  const { redactLines } = await import('../redact/filter.ts');
  const redaction = withEntropy(await openRedaction(flags), parseEntropy(entropy));
  const counts: Record<string, number> = {};
  const pause = () => delay(IDLE_MS, undefined, { ref: false });
  for await (const { block, found } of redactLines(readPassing(stdin, signal), redaction, pause)) {
    for (const [rule, count] of Object.entries(found)) counts[rule] = (counts[rule] ?? 0) + count;
    await output.write(block);
  }
  if (Object.keys(counts).length > 0) output.note(`redacted ${tallyOf(counts)}`);
}

import type { Replaced } from '../redact/redactor.ts';
import { defineCommand } from './command.ts';
import { readInput } from './input-file.ts';
import { entropyOption, parseEntropy } from './redact-entropy.ts';
import { tallyOf } from './redact-tally.ts';
import { visible } from './text.ts';

/** Characters of a line shown on either side. */
const CONTEXT = 40;

export const testCommand = defineCommand({
  usage: 'test <file>',
  describe: 'Show what would be replaced in a file, where, by which rule and in what context',
  examples: [
    ['cairn redact test session.jsonl', 'each place with its surroundings; the secret itself is not shown'],
    ['cairn redact test session.jsonl --reveal', 'with it, to see whether it is one'],
    ['cairn redact test - < session.jsonl --json | jq .rule', 'from standard input'],
  ],
  epilogue:
    'Exit code 0, whatever is found. A place without a rule that sees it there is one where a secret found elsewhere stands again.',
  options: (yargs) =>
    entropyOption(yargs)
      .positional('file', { type: 'string', demandOption: true, describe: 'A file, or - for standard input' })
      .option('reveal', { type: 'boolean', default: false, describe: 'Show the secrets themselves' }),
  async run(args, { output, stdin, flags, signal }) {
    const { openRedaction } = await import('../app-host.ts');
    const { withEntropy } = await import('../secrets.ts');
    const { openRedactor } = await import('../redact/open.ts');
    const { asRecord, offsetsInText } = await import('../redact/text.ts');
    const { lineBlocks } = await import('../redact/line-blocks.ts');
    let found: Replaced[] = [];
    const redactor = openRedactor(withEntropy(await openRedaction(flags), parseEntropy(args.entropy)), (replaced) =>
      found.push(replaced),
    );
    const counts: Record<string, number> = {};
    let line = 1;
    let offset = 0;
    const never = new Promise<void>(() => {}); // blocks of a fixed size: the same file gives the same answer
    for await (const lines of lineBlocks(readInput(args.file, stdin, signal), () => never)) {
      const ended = lines.at(-1) === 0x0a ? lines : Buffer.concat([lines, Buffer.from('\n')]);
      found = [];
      const record = asRecord(ended);
      redactor.redact(record ?? ended);
      if (record) {
        const places = offsetsInText(
          record,
          found.flatMap(({ from, to }) => [from, to]),
        );
        found = found.map((it) => ({ ...it, from: places.get(it.from) ?? 0, to: places.get(it.to) ?? 0 }));
      }
      let start = 0;
      let end = ended.indexOf(0x0a);
      const next = () => {
        line++;
        start = end + 1;
        end = ended.indexOf(0x0a, start);
      };
      for (const { replaced, near } of withNeighbours(found.sort((a, b) => a.from - b.from))) {
        counts[replaced.rule] = (counts[replaced.rule] ?? 0) + 1;
        while (end < replaced.from) next();
        const shown = describe(ended, start, replaced, args.reveal ? [] : near, args.reveal);
        const { rule, mark, remembered } = replaced;
        const length = replaced.to - replaced.from;
        if (output.json) {
          await output.object({ line, offset: offset + replaced.from, length, rule, mark, remembered, ...shown });
        } else {
          const why = remembered ? `${rule}, found elsewhere` : rule;
          const middle = output.style('red', shown.secret === undefined ? mark : visible(shown.secret));
          await output.line(`${output.style('bold', `${line}`)}:${shown.column}  ${output.style('dim', visible(why))}`);
          await output.line(`    ${visible(shown.before)}${middle}${visible(shown.after)}`);
        }
      }
      while (end >= 0) next();
      offset += lines.length;
    }
    const any = Object.keys(counts).length > 0;
    output.note(any ? `would redact ${tallyOf(counts)}` : 'found nothing to redact');
    return undefined;
  },
});

/** Each with those that may reach into its surroundings, itself included. */
function* withNeighbours(
  found: readonly Replaced[],
): Generator<{ readonly replaced: Replaced; readonly near: readonly Replaced[] }> {
  let first = 0;
  for (const replaced of found) {
    const { from, to } = replaced;
    while ((found[first]?.to ?? from) <= from - CONTEXT) first++;
    let last = first;
    while ((found[last]?.from ?? to + CONTEXT) < to + CONTEXT) last++;
    yield { replaced, near: found.slice(first, last) };
  }
}

/** `start`: of its line. `hidden`: what else must not be seen in the surroundings. */
function describe(block: Buffer, start: number, { from, to }: Replaced, hidden: readonly Replaced[], reveal: boolean) {
  const after = block.subarray(to, to + CONTEXT);
  const end = after.indexOf(0x0a);
  return {
    /** Bytes from the beginning of the line, from 1. */
    column: from - start + 1,
    before: textOf(block, Math.max(start, from - CONTEXT), from, hidden),
    ...(reveal && { secret: block.toString('utf8', from, to) }),
    after: textOf(block, to, to + (end < 0 ? after.length : end), hidden),
  };
}

function textOf(block: Buffer, from: number, to: number, hidden: readonly Replaced[]): string {
  let text = '';
  let at = from;
  for (const secret of hidden) {
    if (secret.to <= at || secret.from >= to) continue;
    text += block.toString('utf8', at, Math.max(at, secret.from)) + secret.mark;
    at = secret.to;
  }
  return at < to ? text + block.toString('utf8', at, to) : text;
}

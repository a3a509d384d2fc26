import { createReadStream } from 'node:fs';
import { CairnError } from '../errors.ts';
import type { Replaced } from '../redact/redactor.ts';
import { defineCommand } from './command.ts';
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
    for await (const lines of lineBlocks(openSource(args.file, stdin, signal), () => never)) {
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
      let at = 0;
      for (const replaced of found.sort((a, b) => a.from - b.from)) {
        counts[replaced.rule] = (counts[replaced.rule] ?? 0) + 1;
        line += countNewlines(ended, at, replaced.from);
        at = replaced.from;
        const shown = describe(ended, replaced, args.reveal ? [] : found, args.reveal);
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
      line += countNewlines(ended, at, ended.length);
      offset += lines.length;
    }
    const any = Object.keys(counts).length > 0;
    output.note(any ? `would redact ${tallyOf(counts)}` : 'found nothing to redact');
    return undefined;
  },
});

/** `hidden`: what else must not be seen in the surroundings. */
function describe(block: Buffer, { from, to }: Replaced, hidden: readonly Replaced[], reveal: boolean) {
  const start = block.lastIndexOf(0x0a, from - 1) + 1;
  const end = block.indexOf(0x0a, to);
  return {
    /** Bytes from the beginning of the line, from 1. */
    column: from - start + 1,
    before: textOf(block, Math.max(start, from - CONTEXT), from, hidden),
    ...(reveal && { secret: block.toString('utf8', from, to) }),
    after: textOf(block, to, Math.min(end < 0 ? block.length : end, to + CONTEXT), hidden),
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

function countNewlines(block: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = block.indexOf(0x0a, from); at >= 0 && at < to; at = block.indexOf(0x0a, at + 1)) count++;
  return count;
}

async function* openSource(file: string, stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (file === '-') {
    yield* stdin as AsyncIterable<Uint8Array>;
    return;
  }
  try {
    yield* createReadStream(file, { highWaterMark: 1 << 20, signal });
  } catch (cause) {
    const { code, name } = cause as NodeJS.ErrnoException;
    if (name === 'AbortError') throw cause;
    throw new CairnError(code === 'ENOENT' ? 'not-found' : 'denied', `expected to read ${file}, got ${code ?? cause}`, {
      cause,
      hint: 'give the path of a file that this user may read, or - for standard input',
    });
  }
}

import { writeFile } from 'node:fs/promises';
import { CairnError } from '../errors.ts';
import { isPayload, type Payload } from '../trajectory/payload.ts';
import { defineCommand } from './command.ts';
import { openSession } from './session-source.ts';

export const payloadCommand = defineCommand({
  usage: 'payload <id> <ref>',
  describe: 'Write the content that an event refers to',
  examples: [
    ['cairn session payload 49d9aac8 f1ec96f0 > pixel.png', 'an image, by the beginning of its hash'],
    [
      'cairn session payload 49d9aac8 f1ec96f0 --output pixel.png',
      'the same, also where standard output is a terminal',
    ],
  ],
  epilogue:
    'Content is read from the part or the blob in which it lies, and proven by its hash. What is missing is an error (exit 9), not an empty file.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .positional('ref', { type: 'string', demandOption: true, describe: 'SHA-256 of the content, or its beginning' })
      .option('output', { type: 'string', alias: 'o', describe: 'File to write; must not exist' }),
  async run(args, { output, app: open, signal }) {
    const { readPayload } = await import('../sessions/payloads.ts');
    if (!/^[0-9a-f]{6,64}$/.test(args.ref)) {
      throw new CairnError('usage', `expected six to 64 hexadecimal digits, got ${JSON.stringify(args.ref)}`, {
        hint: '`cairn session events --json` shows the references',
      });
    }
    const app = await open();
    const source = await openSession(app, args.id, { output, signal });
    let found: Payload | undefined;
    for await (const event of source.events()) {
      found = payloadsIn(event).find(({ ref }) => ref.startsWith(args.ref));
      if (found) break;
    }
    if (!found) {
      throw new CairnError('not-found', `expected an event that refers to ${args.ref}, found none`, {
        hint: '`cairn session events --stream all --json` shows the references',
      });
    }
    if (args.output === undefined && output.stdout.isTTY && !found.mediaType.startsWith('text/')) {
      throw new CairnError('usage', `expected a file for ${found.mediaType}, got a terminal`, {
        hint: 'give --output FILE',
      });
    }
    const content = await readPayload(app.store, source.listing, found, { signal });
    if (args.output === undefined) await output.write(content);
    else await writeFile(args.output, content, { flag: 'wx' });
    return undefined;
  },
});

/** Every payload in a value. */
function payloadsIn(value: unknown): readonly Payload[] {
  if (isPayload(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(payloadsIn);
}

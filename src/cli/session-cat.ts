import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { visibleLines } from './text.ts';
import { checkCount } from './values.ts';

export const catCommand = defineCommand({
  usage: 'cat <id>',
  describe: 'Write the records of a session to standard output, exactly',
  examples: [
    ['cairn session cat 49d9aac8 > session.jsonl', 'the transcript as the agent wrote it, but for secrets'],
    ['cairn session cat 49d9aac8 --stream agent-a0c2 | jq .type', 'the transcript of a sub-agent'],
    ['cairn session cat 49d9aac8 --epoch 0', 'what the file held before it was rewritten'],
    ['cairn session cat 20261120 --folded', 'a session of hermes as it stands, without its changes'],
  ],
  epilogue:
    'Chain and hashes are proven on the way: what is written is what was mirrored, or there is an error. On a terminal control characters are escaped. Records cannot be masked: `cairn session events --mask` is for readers who may not see everything.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('stream', { type: 'string', describe: 'Another stream than the main one, or a unique beginning' })
      .option('epoch', { type: 'number', describe: 'This epoch instead of the newest' })
      .option('folded', {
        type: 'boolean',
        describe: 'The rows that stand after all changes, where records are changes',
      }),
  async run(args, { output, app: open, signal }) {
    const { resolveSession } = await import('../sessions/resolve.ts');
    const { pickStream } = await import('../sessions/listing.ts');
    const { chooseEpoch, readParts } = await import('../sessions/reader.ts');
    const { foldChanges } = await import('../sessions/folded.ts');
    const epoch = checkCount('epoch', args.epoch, 0);
    const app = await open();
    const listing = await resolveSession(app.store, app.project, args.id, { signal });
    const [stream, epochs] = pickStream(listing, args.stream);
    const address = { ...listing.address, stream };
    const chosen = await chooseEpoch(app.store, address, epochs, epoch);
    if (chosen.others.length > 0) {
      output.note(`${stream} is forked: epoch ${chosen.epoch} is read, open are also ${chosen.others.join(', ')}`);
    }
    const decoder = output.stdout.isTTY ? new TextDecoder() : undefined;
    const parts = readParts(app.store, address, chosen.run, { signal });
    const pieces = args.folded ? (await foldChanges(parts)).map((lines) => ({ lines })) : parts;
    for await (const { lines } of pieces) {
      if (lines) await output.write(decoder ? visibleLines(decoder.decode(lines, { stream: true })) : lines);
    }
    if (signal.aborted) throw new CairnError('incomplete', 'expected to write all records, but was stopped');
    return undefined;
  },
});

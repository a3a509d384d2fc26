import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { count, formatBytes } from './text.ts';

export const indexCommand = defineCommand({
  usage: 'index',
  describe: 'Bring the search index up to what the bucket holds',
  examples: [
    ['cairn index', 'indexes what is new since the last time'],
    ['cairn index --rebuild', 'makes the whole index again'],
  ],
  epilogue:
    'The index is made of what was mirrored, after redaction, and lies beside it. Any host may run this at any time; `cairn session mirror --index` does so after each run. What is removed from the bucket leaves the index with the next run.',
  options: (yargs) => yargs.option('rebuild', { type: 'boolean', describe: 'As if there were no index' }),
  async run(args, { output, app: open, signal }) {
    const { updateSearch } = await import('../app-search.ts');
    const { Progress } = await import('./progress.ts');
    const app = await open();
    const progress = new Progress(output);
    let [done, failed, documents] = [0, 0, 0];
    for await (const event of updateSearch(app, { rebuild: args.rebuild ?? false, signal })) {
      if (event.event === 'session') {
        done += event.bytes;
        documents += event.documents;
        progress.update(done, event.total, `${event.harness}/${event.session.slice(0, 8)}`);
      } else if (event.event === 'failed') {
        failed++;
        progress.clear();
        output.note(`${event.harness}/${event.session}: ${event.problem.message}`);
      } else {
        progress.clear();
        const { segments, size, sessions, removed } = event;
        if (output.json) await output.object({ documents, bytes: done, segments, size, sessions, removed, failed });
        else {
          await output.line(
            `${count(documents, 'new event')}; the index has ${count(sessions, 'session')} in ${count(segments, 'segment')}, ${formatBytes(size)}`,
          );
        }
      }
    }
    if (failed > 0) throw new CairnError('incomplete', `expected to index every session, ${failed} cannot be read`);
    return undefined;
  },
});

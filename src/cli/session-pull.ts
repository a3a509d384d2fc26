import { resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { count, visible } from './text.ts';
import { parseSince } from './values.ts';

export const pullCommand = defineCommand({
  usage: 'pull [id]',
  describe: 'Copy sessions to this host for reading',
  examples: [
    ['cairn session pull --repo web-app --since 7d', 'what happened in a repository this week, below ./sessions'],
    ['cairn session pull 49d9aac8 --to /tmp/read', 'one session'],
  ],
  epilogue:
    "Each stream is a file of its records, `<harness>/<session>/<stream>.jsonl`; what has nothing new is not read again. The agents' own folders are not touched: `resume` is for that.",
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id' })
      .option('repo', { type: 'string', describe: 'Where the repository has this in its name' })
      .option('user', { type: 'string', describe: 'Of this person' })
      .option('since', { type: 'string', describe: 'Only what was touched since: 12h, 7d, 2026-11-21' })
      .option('to', { type: 'string', default: 'sessions', describe: 'Folder' }),
  async run(args, { output, app: open, signal }) {
    const { marksOfSessions } = await import('../app-marks.ts');
    const { pullSession } = await import('../resume/pull.ts');
    const { readCatalog } = await import('../sessions/catalog.ts');
    const { selectLines } = await import('../sessions/list.ts');
    const { listSession } = await import('../sessions/listing.ts');
    const { resolveSession } = await import('../sessions/resolve.ts');
    const { id, repo, user, since } = args;
    if (id === undefined && repo === undefined && user === undefined) {
      throw new CairnError('usage', 'expected a session, or --repo or --user, got none of them');
    }
    const app = await open();
    const target = resolve(app.host.cwd, args.to);
    const chosen = async () => {
      if (id !== undefined) return [(await resolveSession(app.store, app.project, id, { signal })).address];
      const [{ lines, problems }, marks] = await Promise.all([
        readCatalog(app.store, app.project, { signal }),
        marksOfSessions(app),
      ]);
      for (const problem of problems) output.note(problem);
      return selectLines(lines, {
        ...(repo !== undefined && { repo }),
        ...(since !== undefined && { since: parseSince('since', since, app.runtime.now()) }),
      }).filter(
        (line) =>
          (user === undefined || line.user?.toLowerCase() === user.toLowerCase()) &&
          !marks.get(`${line.harness}/${line.session}`)?.deleted,
      );
    };
    const sessions = await chosen();
    for (const { harness, session } of sessions) {
      const listing = await listSession(app.store, { project: app.project, harness, session }, { signal });
      const pulled = await pullSession(app.store, listing, target, { signal });
      if (output.json) await output.object({ harness, session, ...pulled });
      else
        await output.line(
          `${visible(pulled.folder)}: ${count(pulled.written, 'stream')} new, ${pulled.same} as before`,
        );
    }
    if (sessions.length === 0) output.note('no session matches');
    return undefined;
  },
});

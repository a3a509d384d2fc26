import { CairnError } from '../errors.ts';
import type { Found } from '../mirror/scope.ts';
import { defineCommand } from './command.ts';
import { count, formatAge } from './text.ts';
import { parseDuration } from './values.ts';

export const guardCommand = defineCommand({
  usage: 'guard',
  describe: 'Tell which sessions of this host are not safe in the bucket, and when their agent deletes them',
  examples: [
    ['cairn session guard', 'every session that is not safe, the most urgent first'],
    ['cairn session guard --within 7d --check', 'for cron: exit 1 if one is deleted within a week and not safe'],
  ],
  epilogue:
    'Safe is proven, not guessed: the source is read again and compared with what was shipped, and the bucket is asked for every part and the chain of the last.',
  options: (yargs) =>
    yargs
      .option('harness', { type: 'string', array: true, describe: 'Only sessions of this agent' })
      .option('within', { type: 'string', describe: 'Only those that their agent deletes within: 7d' })
      .option('check', { type: 'boolean', describe: 'Exit 1 where one is not safe' }),
  async run(args, { output, app: open, signal }) {
    const { consentOf, openState, sessionsOnHost } = await import('../app.ts');
    const { deletionOf, guardSession } = await import('../mirror/guard.ts');
    const { withConsent } = await import('../mirror/scope.ts');
    const withinMs = args.within === undefined ? undefined : parseDuration('within', args.within);
    const app = await open();
    const { runtime, project, store } = app;
    const run = { store, project, runtime, state: await openState(app), signal };
    const horizon = withinMs === undefined ? undefined : runtime.now() + withinMs;
    let sessions = 0;
    const unsafe = [];
    const here: Found[] = [];
    for (const harness of app.harnesses) {
      if (args.harness && !args.harness.includes(harness.name)) continue;
      const { found, problems } = await sessionsOnHost(app, harness);
      for (const problem of problems) output.note(problem);
      here.push(...found);
    }
    const report = ({ path, cause }: { path: string; cause: unknown }) =>
      output.note(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
    const allowed = await withConsent(here, { consent: consentOf(app) }, report);
    const excluded = here.length - allowed.length;
    for (const one of allowed) {
      const deletes = deletionOf(one);
      if (signal.aborted) return undefined;
      if (horizon !== undefined && (deletes === undefined || deletes > horizon)) continue;
      sessions++;
      const guarded = await guardSession(run, one);
      if (output.json) await output.object(guarded);
      if (!guarded.safe) unsafe.push(guarded);
    }
    unsafe.sort((a, b) => ((a.deletesAt ?? '9') < (b.deletesAt ?? '9') ? -1 : 1));
    if (!output.json) {
      await output.table(unsafe, [
        { title: 'SESSION', cell: ({ harness, session }) => `${harness}/${session}` },
        {
          title: 'DELETED IN',
          cell: ({ deletesAt }) => {
            if (deletesAt === undefined) return 'never';
            const left = Date.parse(deletesAt) - runtime.now();
            return left < 0 ? 'any time' : formatAge(left);
          },
        },
        { title: 'NOT SAFE BECAUSE', flexible: true, cell: ({ reason = '' }) => reason },
      ]);
      output.note(
        `${sessions - unsafe.length} of ${count(sessions, 'session')} are safe in the bucket${excluded > 0 ? `; ${excluded} more stay on this host by your word` : ''}`,
      );
    }
    if (args.check && unsafe.length > 0) {
      throw new CairnError('incomplete', `expected every session to be safe, ${unsafe.length} are not`, {
        hint: '`cairn session mirror --all` ships what is missing',
      });
    }
    return undefined;
  },
});

import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import { type CountedSession, groupings } from '../sessions/grouping.ts';
import { type Context, defineCommand } from './command.ts';
import { facts, filterSessions, labelOption, minTurnsOption, modelOption, toolOption } from './session-filter.ts';
import { openSession } from './session-source.ts';
import { count } from './text.ts';
import { parseSince } from './values.ts';

export const statsCommand = defineCommand({
  usage: 'stats [id]',
  describe: 'Count turns, calls, tokens and cost of a session, or of many',
  examples: [
    ['cairn session stats 49d9aac8', 'one session with its sub-agents'],
    ['cairn session stats 49d9aac8 --by turn', 'turn by turn'],
    ['cairn session stats 49d9aac8 --detail', 'the same with characters, times, and sub-agents below their turn'],
    ['cairn session stats --since 7d --by day', 'this week of the whole project'],
    ['cairn session stats --by model --csv > models.csv', 'what each model cost'],
  ],
  epilogue:
    'Tokens are counted once for each request: not for each line, nor again in a fork. Costs are list prices without discounts, of the day of the request; a table [prices] in your configuration comes before them (docs/trajectories.md). A model without a price is said to have none. Here --agent counts only sessions of agents with this in their name.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id; default all sessions' })
      .option('by', { choices: groupings, describe: 'A row for each' })
      .option('detail', {
        type: 'boolean',
        describe: 'Of one session: each turn, and below it its sub-agents, with characters and times',
      })
      .option('harness', {
        type: 'string',
        array: true,
        describe: 'Only sessions of this agent; may be given more than once',
      })
      .option('repo', { type: 'string', describe: 'Only where the repository has this in its name' })
      .option('since', { type: 'string', describe: 'Only what was touched since: 12h, 7d, 2026-11-21' })
      .option('host', { type: 'string', describe: 'Only from hosts with this in their name' })
      .option('label', labelOption)
      .option('model', modelOption)
      .option('tool', toolOption)
      .option('min-turns', minTurnsOption)
      .option('csv', { type: 'boolean', describe: 'Rows as CSV' })
      .option('markdown', { type: 'boolean', describe: 'Rows as a table of Markdown' })
      .option('toml', { type: 'boolean', describe: 'What --json gives, as one document of TOML' })
      .conflicts({ csv: ['markdown', 'toml'], markdown: 'toml' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { countSessions } = await import('../sessions/statistics.ts');
    const { listPrices, pricesOf } = await import('../trajectory/prices.ts');
    const by = args.detail ? 'turn' : args.by;
    if (args.detail && (args.id === undefined || args.by !== undefined || args.csv || args.markdown || args.toml)) {
      throw new CairnError('usage', 'expected --detail with the id of a session, and without --by or another form', {
        hint: '`cairn session stats ID --detail`; --json gives every figure',
      });
    }
    const app = await open();
    const source = args.id === undefined ? undefined : await openSession(app, args.id, { output, signal });
    const { sessions, of } = source
      ? { sessions: [source.listing.address], of: undefined }
      : await chosen(app, args, context);
    let failed = 0;
    const counted = await countSessions(app.store, sessions, {
      project: app.project,
      prices: { ...listPrices, ...app.config.prices },
      by,
      ...(args.detail && { details: new Map() }),
      ...(of !== undefined && { of }),
      harness: (name) => app.harnesses.find((harness) => harness.name === name),
      ...(source?.epoch !== undefined && { epoch: source.epoch }),
      signal,
      onProblem(session, cause) {
        failed++;
        output.note(`${session.harness}/${session.session}: ${cause instanceof Error ? cause.message : String(cause)}`);
      },
    });
    if (counted.details)
      await (await import('./session-stats-detail.ts')).writeDetail(output, counted, counted.details);
    else await (await import('./session-stats-forms.ts')).writeCounted(output, counted, by, args);
    if (counted.total.cost !== undefined && !output.json)
      output.note(`costs are list prices as of ${pricesOf}, without discounts`);
    if (counted.total.unpriced > 0 && !output.json) {
      const models = [...counted.total.models].filter(([, model]) => model.unpriced > 0).map(([name]) => name);
      output.note(
        `no price is known of ${models.join(', ')}: the cost is without ${count(counted.total.unpriced, 'request')}`,
      );
    }
    if (signal.aborted || failed > 0) {
      throw new CairnError(
        'incomplete',
        `expected to count ${count(sessions.length, 'session')}, ${failed} cannot be read`,
      );
    }
    return undefined;
  },
});

async function chosen(
  app: App,
  args: {
    readonly harness?: string[] | undefined;
    readonly repo?: string | undefined;
    readonly since?: string | undefined;
    readonly host?: string | undefined;
    readonly agent?: string | undefined;
    readonly label?: string[] | undefined;
    readonly model?: string | undefined;
    readonly tool?: string | undefined;
    readonly minTurns?: number | undefined;
  },
  context: Context,
): Promise<{ readonly sessions: readonly CountedSession[]; readonly of: number }> {
  const { readCatalog } = await import('../sessions/catalog.ts');
  const { selectLines } = await import('../sessions/list.ts');
  const { output, signal } = context;
  const catalog = await readCatalog(app.store, app.project, { signal });
  for (const problem of catalog.problems) output.note(problem);
  const sessions = selectLines(await filterSessions(catalog.lines, { label: args.label, tool: args.tool }, context), {
    ...facts(args),
    ...(args.harness && { harness: args.harness }),
    ...(args.repo !== undefined && { repo: args.repo }),
    ...(args.since !== undefined && { since: parseSince('since', args.since, app.runtime.now()) }),
    ...(args.host !== undefined && { host: args.host }),
    ...(args.agent !== undefined && { agent: args.agent }),
  });
  return { sessions, of: catalog.lines.length };
}

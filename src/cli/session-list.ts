import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { facts, filterSessions, labelOption, minTurnsOption, modelOption, toolOption } from './session-filter.ts';
import { beginningOf, formatAge, formatBytes } from './text.ts';
import { checkCount, parseSince } from './values.ts';

const sorts = ['recent', 'size', 'turns', 'age'] as const;
const states = ['active', 'ended', 'gone'] as const;

export const listCommand = defineCommand({
  usage: 'list',
  describe: 'List the sessions of all hosts',
  examples: [
    ['cairn session list', 'the newest sessions'],
    ['cairn session list --repo web-app --since 7d', 'what happened in a repository this week'],
    ['cairn session list --agents', 'their sub-agents, each with an id that can be shown and resumed'],
    ['cairn session list --sort size --limit 5 --json', 'the largest, with everything known of them'],
  ],
  epilogue:
    'The catalogs that the mirrors keep are read, not the sessions: a LIST of the catalogs, two GETs a host, and a LIST of the labels, however many sessions there are. Ids can be given to every other command. Here --agent shows only sessions of agents with this in their name.',
  options: (yargs) =>
    yargs
      .option('harness', {
        type: 'string',
        array: true,
        describe: 'Only sessions of this agent; may be given more than once',
      })
      .option('repo', { type: 'string', describe: 'Only where the repository has this in its name' })
      .option('since', { type: 'string', describe: 'Only what was touched since: 12h, 7d, 2026-11-21' })
      .option('host', { type: 'string', describe: 'Only from hosts with this in their name' })
      .option('state', { choices: states, describe: 'Only sessions in this state' })
      .option('file', { type: 'string', describe: 'Only sessions that record an edit of this file; reads them' })
      .option('commit', { type: 'string', describe: 'Only sessions that record this commit; reads them' })
      .option('label', labelOption)
      .option('model', modelOption)
      .option('tool', toolOption)
      .option('min-turns', minTurnsOption)
      .option('sort', { choices: sorts, default: 'recent' as const, describe: 'age: the oldest first' })
      .option('limit', { type: 'number', alias: 'n', describe: 'At most so many; default 50 in a table' })
      .option('agents', { type: 'boolean', describe: 'Instead of sessions the sub-agents in them; reads those' })
      .option('archived', { type: 'boolean', describe: 'Also sessions that were archived' })
      .option('rebuild', {
        type: 'boolean',
        describe: 'First make the catalogs and every meta.json again from the parts; reads everything',
      }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { marksOfSessions } = await import('../app-marks.ts');
    const { readCatalog } = await import('../sessions/catalog.ts');
    const { driftOf, selectLines, touchedAt } = await import('../sessions/list.ts');
    const limit = checkCount('limit', args.limit, 1) ?? (output.json ? undefined : 50);
    const app = await open();
    const now = app.runtime.now();
    let failed = 0;
    if (args.rebuild) {
      const { rebuildCatalog } = await import('../sessions/rebuild.ts');
      const harness = (name: string) => app.harnesses.find((known) => known.name === name);
      for await (const { problem } of rebuildCatalog(app.writing(), app.project, { harness, signal })) {
        if (!problem) continue;
        failed++;
        output.note(problem.message);
      }
    }
    const [catalog, marks] = await Promise.all([readCatalog(app.store, app.project, { signal }), marksOfSessions(app)]);
    const unhidden = catalog.lines.filter((line) => {
      const { archived, deleted } = marks.get(`${line.harness}/${line.session}`) ?? {};
      return !deleted && (args.archived || !archived);
    });
    for (const problem of catalog.problems) output.note(problem);
    const wanted = await filterSessions(unhidden, args, context, marks);
    const lines = selectLines(wanted, {
      sort: args.sort,
      ...facts(args),
      ...(args.harness && { harness: args.harness }),
      ...(args.repo !== undefined && { repo: args.repo }),
      ...(args.since !== undefined && { since: parseSince('since', args.since, now) }),
      ...(args.host !== undefined && { host: args.host }),
      ...(args.agent !== undefined && { agent: args.agent }),
      ...(args.state !== undefined && { state: args.state }),
      ...(limit !== undefined && { limit }),
    });
    const ids = catalog.lines.map(({ session }) => session);
    if (args.agents) {
      const { listSubAgents } = await import('./session-agents.ts');
      await listSubAgents(app, lines, ids, output, signal);
    } else if (output.json) for (const line of lines) await output.object(line);
    else if (lines.length > 0) {
      await output.table(lines, [
        { title: 'SESSION', cell: (line) => beginningOf(line.session, ids) },
        { title: 'AGENT', cell: (line) => line.harness },
        { title: 'AGE', cell: (line) => formatAge(now - touchedAt(line)), align: 'right' },
        { title: 'TURNS', cell: (line) => String(line.turns), align: 'right', optional: true },
        { title: 'SIZE', cell: (line) => formatBytes(line.bytes), align: 'right' },
        { title: 'STATE', cell: (line) => line.state },
        { title: 'TITLE', cell: (line) => line.title ?? '', flexible: true },
        { title: 'REPOSITORY', cell: (line) => line.repository ?? line.cwd ?? '', flexible: true },
        { title: 'HOST', cell: (line) => line.host, optional: true },
      ]);
    }
    for (const sign of driftOf(lines, app.harnesses)) output.note(sign);
    if (lines.length === 0) {
      output.note(
        catalog.lines.length === 0 ? 'no sessions here yet: `cairn session mirror` ships them' : 'no session matches',
      );
    } else if (!output.json && lines.length === limit && args.limit === undefined) {
      output.note(`the first ${limit} of ${catalog.lines.length}: give --limit for more`);
    }
    if (failed > 0) throw new CairnError('incomplete', `expected to read every session, ${failed} cannot be read`);
    return undefined;
  },
});

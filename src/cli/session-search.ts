import { CairnError } from '../errors.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { DocumentKind } from '../search/document.ts';
import type { SearchFilter } from '../search/filter.ts';
import type { SpotHit } from '../search/find.ts';
import type { SpotLine } from '../search/spot.ts';
import { type Context, defineCommand } from './command.ts';
import type { Output } from './output.ts';
import { facts, filterSessions, labelOption, minTurnsOption, modelOption } from './session-filter.ts';
import { count, formatAge, visible } from './text.ts';
import { checkCount, parseSince } from './values.ts';

/** What can be said with --role, and what it takes in. */
const roles: Readonly<Record<string, readonly DocumentKind[]>> = {
  user: ['user'],
  assistant: ['assistant', 'thinking'],
  system: ['system', 'attachment', 'compaction'],
  thinking: ['thinking'],
  tool: ['tool_call', 'tool_result'],
  call: ['tool_call'],
  result: ['tool_result'],
};

/** Requests after which a search answers with what it has. */
const mostRequests = 30;

export const searchCommand = defineCommand({
  usage: 'search [query..]',
  describe: 'Search the sessions of all hosts',
  examples: [
    ['cairn session search connection refused', 'both words, anywhere in one message or tool output'],
    ['cairn session search \'"connection refused" -test\'', 'the phrase, where `test` is not'],
    ['cairn session search migrat* --repo web-app --since 7d', 'beginnings of words, in one repository'],
    ['cairn session search --file src/app.ts --tool Edit', 'who edited a file'],
    ["cairn session search --regex 'E[0-9]{4}: ' --error", 'a regular expression, in failed calls only'],
  ],
  epilogue:
    'The index lies in the bucket: `cairn index` makes it and brings it up to date. Words are compared without case; several are all required; text that is written without gaps is found by any piece of it. A regular expression is tried on the events that have the whole words it requires, else on all. Phrases and regular expressions are looked up in the texts, the best candidates first: after 30 requests to the bucket what was found is shown, and that it is not all. --exhaustive looks at the rest; the same command again goes on by as many, unless the project is encrypted, as this host keeps what it has read.',
  options: (yargs) =>
    yargs
      .positional('query', { type: 'string', array: true, describe: 'Words, "phrases", beginnings*, -exclusions' })
      .option('regex', { type: 'string', alias: 'e', describe: 'A regular expression instead of words' })
      .option('ignore-case', { type: 'boolean', alias: 'i', describe: 'For --regex: case does not count' })
      .option('harness', { type: 'string', array: true, describe: 'Only sessions of this agent' })
      .option('session', { type: 'string', describe: 'Only this session, by id or its beginning' })
      .option('repo', { type: 'string', describe: 'Only where the repository has this in its name' })
      .option('host', { type: 'string', describe: 'Only from hosts with this in their name' })
      .option('since', { type: 'string', describe: 'Only what happened since: 12h, 7d, 2026-11-21' })
      .option('until', { type: 'string', describe: 'Only what happened before' })
      .option('role', { choices: Object.keys(roles), describe: 'Only what this one said' })
      .option('label', labelOption)
      .option('model', modelOption)
      .option('min-turns', minTurnsOption)
      .option('tool', { type: 'string', describe: 'Only calls and results of tools with this in their name' })
      .option('file', { type: 'string', describe: 'Only calls that name a path with this in it' })
      .option('error', { type: 'boolean', describe: 'Only errors and failed calls' })
      .option('limit', { type: 'number', alias: 'n', default: 10, describe: 'At most so many' })
      .option('per-session', { type: 'number', default: 3, describe: 'At most so many of one session' })
      .option('exhaustive', { type: 'boolean', describe: 'Look at every candidate, whatever that reads' })
      .option('context', { type: 'number', alias: 'C', default: 0, describe: 'Lines around each that was found' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { openSearch } = await import('../app-search.ts');
    const { findSpots } = await import('../search/find.ts');
    const { parseQuery } = await import('../search/query.ts');
    const { compilePattern } = await import('../search/regex.ts');
    const { Progress } = await import('./progress.ts');
    const limit = checkCount('limit', args.limit, 1) ?? 10;
    const perSession = checkCount('per-session', args.perSession, 1) ?? 3;
    const around = checkCount('context', args.context, 0, 50) ?? 0;
    const app = await open();
    const now = app.runtime.now();
    const filter: SearchFilter = {
      ...(args.harness && { harness: args.harness }),
      ...(args.session !== undefined && { session: args.session }),
      ...(args.repo !== undefined && { repo: args.repo }),
      ...(args.host !== undefined && { host: args.host }),
      ...(args.since !== undefined && { since: parseSince('since', args.since, now) }),
      ...(args.until !== undefined && { until: parseSince('until', args.until, now) }),
      ...(args.role !== undefined && { kinds: roles[args.role] ?? [] }),
      ...(args.tool !== undefined && { tool: args.tool }),
      ...(args.file !== undefined && { file: args.file }),
      ...(args.error && { error: true }),
    };
    const isCurated = [args.label, args.model, args.minTurns].some((one) => one !== undefined);
    const words = (args.query ?? []).map(String).join(' ').trim();
    if (args.regex !== undefined && words !== '') {
      throw new CairnError('usage', 'expected words or --regex, got both', { hint: 'put the words into the pattern' });
    }
    if (args.regex === undefined && words === '' && Object.keys(filter).length === 0 && !isCurated) {
      throw new CairnError('usage', 'expected something to search for, got nothing', {
        hint: 'give words, --regex, or a filter such as --file',
      });
    }
    const wanted =
      args.regex !== undefined
        ? { pattern: compilePattern(args.regex, args.ignoreCase ?? false) }
        : words === ''
          ? undefined
          : { query: parseQuery(words) };
    const { index, reader, catalog, behind } = await openSearch(app, signal);
    const progress = new Progress(output);
    const harness = (name: string) => app.harnesses.find((known) => known.name === name);
    const found = await findSpots(index, wanted, {
      project: app.project,
      reader,
      harness,
      filter: { ...filter, ...(isCurated && { sessions: await curated((await catalog).lines, args, context) }) },
      limit,
      perSession,
      context: around,
      signal,
      requests: args.exhaustive ? undefined : mostRequests,
      onLooked: (looked, candidates) => progress.update(looked, candidates, 'candidates'),
    });
    progress.clear();
    for (const hit of found.hits) {
      if (output.json) await output.object({ ...hit, open: openCommand(hit, hit.session) });
      else await show(hit, output, now);
    }
    const { partial } = found;
    if (output.json && partial) await output.object({ complete: false, ...partial });
    const stale = await behind;
    if (stale > 0) output.note(`${count(stale, 'session')} changed since the index was made: \`cairn index\``);
    if (partial) {
      output.note(
        `incomplete: ${partial.looked} of ${count(partial.candidates, 'candidate')} were looked at within ${mostRequests} requests, ${found.hits.length} found; --exhaustive looks at the rest`,
      );
    } else if (found.hits.length === 0) output.note('nothing found');
    else if (found.total === undefined) output.note(`the first ${found.hits.length}: give --limit for more`);
    else if (found.total > found.hits.length) {
      output.note(
        `${found.hits.length} of ${count(found.total, 'event')} in ${count(found.sessions ?? 0, 'session')}: give --limit or --per-session for more`,
      );
    }
    return undefined;
  },
});

/** The sessions that what is known of them chooses, as `harness/session`. */
async function curated(
  lines: readonly CatalogLine[],
  {
    label,
    model,
    minTurns,
  }: { label?: string[] | undefined; model?: string | undefined; minTurns?: number | undefined },
  context: Context,
): Promise<ReadonlySet<string>> {
  const { selectLines } = await import('../sessions/list.ts');
  const chosen = selectLines(await filterSessions(lines, { label }, context), facts({ model, minTurns }));
  return new Set(chosen.map(({ harness, session }) => `${harness}/${session}`));
}

async function show(hit: SpotHit, output: Output, now: number): Promise<void> {
  const { harness, session, title, repository, host, kind, tool, time, error } = hit;
  const who = tool === undefined ? kind : `${kind} ${tool}`;
  const age = time === undefined ? undefined : `${formatAge(now - Date.parse(time))} ago`;
  const facts = [who, error ? 'failed' : undefined, age, repository, host].filter((fact) => fact !== undefined);
  const name = output.style('bold', visible(`${harness}/${session.slice(0, 12)}`));
  await output.line(`${name}  ${visible(title ?? '')}`.trimEnd());
  await output.line(output.style('dim', `  ${visible(facts.join(' · '))}`));
  for (const line of hit.lines) await output.line(`  ${marked(line, output)}`);
  if (hit.lines.length === 0) await output.line(output.style('dim', '  (changed since it was indexed)'));
  await output.line(`  ${output.style('green', openCommand(hit, session.slice(0, 12)))}`);
  await output.line();
}

function marked({ text, marks }: SpotLine, output: Output): string {
  let shown = '';
  let at = 0;
  for (const [start, end] of marks) {
    if (end <= at) continue;
    shown +=
      visible(text.slice(at, Math.max(at, start))) +
      output.style('yellow', visible(text.slice(Math.max(at, start), end)));
    at = end;
  }
  return shown + visible(text.slice(at));
}

/** The command that shows the spot. */
function openCommand({ harness, stream, seq }: SpotHit, session: string): string {
  const of = stream === 'main' ? '' : ` --stream ${stream}`;
  return `cairn session replay ${harness}/${session}${of} --from ${seq}`;
}

import type { SessionMarks } from '../coordination/marks.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { ListFilter } from '../sessions/list.ts';
import type { Context } from './command.ts';
import { count } from './text.ts';
import { checkCount } from './values.ts';

/** `--label` of every command that takes many sessions. */
export const labelOption = {
  type: 'string',
  array: true,
  describe: 'Only with this label, key=value, verdict=success, rating>=4, name=part; may be given more than once',
} as const;

export const modelOption = { type: 'string', describe: 'Only where a model with this in its name answered' } as const;
export const minTurnsOption = { type: 'number', describe: 'Only sessions of so many turns or more' } as const;
export const toolOption = {
  type: 'string',
  describe: 'Only sessions that called a tool with this in its name; asks the search index',
} as const;

/** The same option where it chooses among all sessions only. */
export function withAll<Option extends { readonly describe: string }>(option: Option): Option {
  return { ...option, describe: `With --all: ${option.describe[0]?.toLowerCase()}${option.describe.slice(1)}` };
}

/** What of a session's own facts is asked for. @throws CairnError `usage` */
export function facts({ model, minTurns }: { model?: string | undefined; minTurns?: number | undefined }): ListFilter {
  const turns = checkCount('min-turns', minTurns, 0);
  return { ...(model !== undefined && { model }), ...(turns !== undefined && { minTurns: turns }) };
}

/** Sessions that called a tool, as `harness/session`: by the search index, without reading one. */
async function callersOf(tool: string, { app: open, output, signal }: Context): Promise<ReadonlySet<string>> {
  const { openSearch } = await import('../app-search.ts');
  const { searchIndex } = await import('../search/search.ts');
  const { index, behind } = await openSearch(await open(), signal);
  const { sessions } = await searchIndex(index, undefined, { tool, kinds: ['tool_call'] });
  const stale = await behind;
  if (stale > 0) output.note(`${count(stale, 'session')} changed since the index was made: \`cairn index\``);
  return sessions;
}

/** The sessions that tools, edits, commits and labels are asked of. `known`: marks that were read already. */
export async function filterSessions(
  lines: readonly CatalogLine[],
  {
    file,
    commit,
    label,
    repo,
    since,
    tool,
  }: Readonly<Partial<Record<'file' | 'commit' | 'repo' | 'since' | 'tool', string | undefined>>> & {
    readonly label?: string[] | undefined;
  },
  context: Context,
  known?: ReadonlyMap<string, SessionMarks>,
): Promise<readonly CatalogLine[]> {
  let kept = lines;
  if (file !== undefined || commit !== undefined) {
    const { nameInRepository, touching } = await import('./blame.ts');
    const app = await context.app();
    const touches = await touching(
      app,
      {
        repo,
        since,
        ...(file !== undefined && { file: await nameInRepository(app, file) }),
        ...(commit !== undefined && { commit }),
      },
      context.output,
      context.signal,
    );
    const touched = (is: (touch: (typeof touches)[number]) => boolean) =>
      new Set(touches.filter(is).map(({ line }) => `${line.harness}/${line.session}`));
    const byFile = file === undefined ? undefined : touched(({ edit }) => edit !== undefined);
    const byCommit = commit === undefined ? undefined : touched((touch) => touch.commit !== undefined);
    kept = kept.filter(({ harness, session }) =>
      [byFile, byCommit].every((sessions) => sessions === undefined || sessions.has(`${harness}/${session}`)),
    );
  }
  if (tool !== undefined) {
    const callers = await callersOf(tool, context);
    kept = kept.filter(({ harness, session }) => callers.has(`${harness}/${session}`));
  }
  if (label === undefined) return kept;
  const { marksOfSessions } = await import('../app-marks.ts');
  const marks = known ?? (await marksOfSessions(await context.app()));
  return kept.filter(({ harness, session }) => {
    const own = marks.get(`${harness}/${session}`);
    return own !== undefined && label.every((wanted) => isMarked(own, wanted));
  });
}

/** `tag`, `key=value`, `verdict=success`, `rating>=4`, `name=part of it`. */
function isMarked({ name, rating = Number.NaN, verdict, labels }: SessionMarks, wanted: string): boolean {
  const [, key = wanted, operator, value = ''] = /^([^=<>]+?)(>=|<=|=)(.*)$/.exec(wanted) ?? [];
  if (key === 'rating' && operator !== undefined) {
    if (operator === '=') return rating === Number(value);
    return operator === '>=' ? rating >= Number(value) : rating <= Number(value);
  }
  if (key === 'verdict' && operator === '=') return verdict === value;
  if (key === 'name' && operator === '=') return name?.toLowerCase().includes(value.toLowerCase()) ?? false;
  return Object.hasOwn(labels, key) && (operator === undefined || labels[key] === value);
}

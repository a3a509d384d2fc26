import type { SessionMarks } from '../coordination/marks.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { Context } from './command.ts';

/** `--label` of every command that takes many sessions. */
export const labelOption = {
  type: 'string',
  array: true,
  describe: 'Only with this label, key=value, verdict=success, rating>=4, name=part; may be given more than once',
} as const;

/** The sessions that edits, commits and labels are asked of. `known`: marks that were read already. */
export async function filterSessions(
  lines: readonly CatalogLine[],
  {
    file,
    commit,
    label,
    repo,
    since,
  }: Readonly<Partial<Record<'file' | 'commit' | 'repo' | 'since', string | undefined>>> & {
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
  if (label === undefined) return kept;
  const { marksOfSessions } = await import('./session-marks.ts');
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

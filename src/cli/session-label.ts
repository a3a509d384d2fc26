import type { SessionMarks } from '../coordination/marks.ts';
import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { checkName, openShared } from './coordinate.ts';
import { openSession } from './session-source.ts';
import { visibleLines } from './text.ts';

export const labelCommand = defineCommand({
  usage: 'label <id> [labels..]',
  describe: 'Name, rate and label a session; or show what is said of it',
  examples: [
    ['cairn session label 49d9aac8 --name "Login fix" --verdict success --rating 4', 'what it was, and how it went'],
    ['cairn session label 49d9aac8 team=web good-example', 'a label with a value, and one without'],
    ['cairn session label 49d9aac8 --remove team', 'takes it away'],
    ['cairn session list --label good-example --label "rating>=4"', 'finds it by them'],
  ],
  epilogue:
    'Labels lie beside the session and stay when it is mirrored again. They are redacted. Without any change they are shown.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .positional('labels', { type: 'string', array: true, describe: 'key or key=value' })
      .option('remove', { type: 'string', array: true, describe: 'Takes a label away; may be given more than once' })
      .option('name', { type: 'string', describe: 'Its name; empty: none' })
      .option('rating', { type: 'number', describe: '1 to 5; 0: none' })
      .option('verdict', { choices: ['success', 'partial', 'failure', 'none'] as const, describe: 'How it went' })
      .option('note', { type: 'string', array: true, describe: 'Adds a note; may be given more than once' }),
  async run(args, context) {
    const { output, signal } = context;
    const { listing } = await openSession(await context.app(), args.id, { output, signal });
    const change = changeOf(args);
    const project = await openShared(context);
    const marks = await (change ? project.marks.change(listing.address, change) : project.marks.get(listing.address));
    const { harness, session, name, rating, verdict, labels, notes } = marks;
    if (output.json) await output.object({ harness, session, name, rating, verdict, labels, notes });
    else {
      const said = Object.entries({ name, verdict, rating: rating?.toString(), ...labels }).filter(
        ([, value]) => value !== undefined,
      );
      for (const [key, value = ''] of said) await output.line(visibleLines(`${key.padEnd(9)} ${value}`).trimEnd());
      for (const note of notes) await output.line(visibleLines(`note      ${note}`));
      if (said.length + notes.length === 0) output.note('nothing is said of this session yet');
    }
    return undefined;
  },
});

interface Changes {
  readonly labels?: string[] | undefined;
  readonly remove?: string[] | undefined;
  readonly name?: string | undefined;
  readonly rating?: number | undefined;
  readonly verdict?: 'success' | 'partial' | 'failure' | 'none' | undefined;
  readonly note?: string[] | undefined;
}

/** Nothing where nothing is to be changed. @throws CairnError `usage` */
function changeOf(args: Changes): ((marks: SessionMarks) => SessionMarks) | undefined {
  const { labels = [], remove = [], name, rating, verdict, note = [] } = args;
  if (rating !== undefined && rating !== 0 && !(rating >= 1 && rating <= 5)) {
    throw new CairnError('usage', `expected --rating from 1 to 5, or 0, got ${rating}`);
  }
  const added = labels.map((label) => {
    const [key = '', ...value] = label.split('=');
    return [checkName('a label', key), value.join('=')] as const;
  });
  const named = name === undefined || name === '' ? name : checkName('a session', name);
  if (added.length + remove.length + note.length === 0 && [name, rating, verdict].every((one) => one === undefined)) {
    return undefined;
  }
  return (marks) => {
    const kept = Object.entries({ ...marks.labels, ...Object.fromEntries(added) }).filter(
      ([key]) => !remove.includes(key),
    );
    return {
      ...marks,
      ...(named !== undefined && { name: named || undefined }),
      ...(rating !== undefined && { rating: rating || undefined }),
      ...(verdict !== undefined && { verdict: verdict === 'none' ? undefined : verdict }),
      labels: Object.fromEntries(kept),
      notes: [...marks.notes, ...note],
    };
  };
}

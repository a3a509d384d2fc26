import type { MarksChange, SessionMarks } from '../coordination/marks.ts';
import { CairnError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { checkName, openShared } from './coordinate.ts';
import { openSession } from './session-source.ts';
import { visibleLines } from './text.ts';

export const labelCommand = defineCommand({
  usage: 'label <id> [labels..]',
  describe: 'Name, rate and tag a session; or show what is said of it',
  examples: [
    ['cairn session label 49d9aac8 --name "Login fix" --verdict success --rating 4', 'what it was, and how it went'],
    ['cairn session label 49d9aac8 team=web --tag good-example', 'a label and a tag'],
    ['cairn session label 49d9aac8 team= --untag good-example', 'takes both away'],
    ['cairn session list --label good-example --label "rating>=4"', 'finds it by them'],
  ],
  epilogue:
    'Labels lie beside the session and stay when it is mirrored again. They are redacted. Without any change they are shown.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .positional('labels', { type: 'string', array: true, describe: 'key=value; key= takes it away' })
      .option('name', { type: 'string', describe: 'Its name; empty: none' })
      .option('rating', { type: 'number', describe: '1 to 5; 0: none' })
      .option('verdict', { choices: ['success', 'partial', 'failure', 'none'] as const, describe: 'How it went' })
      .option('note', { type: 'string', describe: 'A note; empty: none' })
      .option('tag', { type: 'string', array: true, describe: 'Adds a tag; may be given more than once' })
      .option('untag', { type: 'string', array: true, describe: 'Takes a tag away; may be given more than once' }),
  async run(args, context) {
    const { output, signal } = context;
    const { listing } = await openSession(await context.app(), args.id, { output, signal });
    const { harness, session } = listing.address;
    const changes = changesOf(args);
    const project = await openShared(context);
    const marks =
      Object.keys(changes).length === 0
        ? await project.marks.get(harness, session)
        : await project.marks.set(harness, session, changes);
    if (output.json) await output.object(shape(marks ?? { harness, session }));
    else if (!marks) output.note('nothing is said of this session yet');
    else {
      const { name, rating, verdict, tags = [], labels = {}, note } = marks;
      const rows = { name, verdict, rating: rating?.toString(), tags: tags.join(', '), ...labels, note };
      for (const [key, value] of Object.entries(rows))
        if (value) await output.line(visibleLines(`${key.padEnd(9)} ${value}`));
    }
    return undefined;
  },
});

function changesOf(args: {
  readonly labels?: string[] | undefined;
  readonly name?: string | undefined;
  readonly rating?: number | undefined;
  readonly verdict?: 'success' | 'partial' | 'failure' | 'none' | undefined;
  readonly note?: string | undefined;
  readonly tag?: string[] | undefined;
  readonly untag?: string[] | undefined;
}): MarksChange {
  const { rating, verdict, note, name } = args;
  if (rating !== undefined && rating !== 0 && !(rating >= 1 && rating <= 5)) {
    throw new CairnError('usage', `expected --rating from 1 to 5, or 0, got ${rating}`);
  }
  const labels = (args.labels ?? []).map((label) => {
    const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(label) ?? [];
    if (key === undefined) {
      throw new CairnError('usage', `expected key=value, got ${JSON.stringify(label)}`, {
        hint: 'a word alone is a tag: --tag',
      });
    }
    return [checkName('a label', key), value === '' ? null : value] as const;
  });
  return {
    ...(name !== undefined && { name: name === '' ? null : checkName('a session', name) }),
    ...(rating !== undefined && { rating: rating === 0 ? null : rating }),
    ...(verdict !== undefined && { verdict: verdict === 'none' ? null : verdict }),
    ...(note !== undefined && { note: note === '' ? null : note }),
    ...(args.tag && { addTags: args.tag.map((tag) => checkName('a tag', tag)) }),
    ...(args.untag && { removeTags: args.untag }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
  };
}

function shape({ harness, session, name, rating, verdict, tags, labels, note }: SessionMarks) {
  return { harness, session, name, rating, verdict, tags, labels, note };
}

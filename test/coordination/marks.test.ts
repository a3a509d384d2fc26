import { expect, test } from 'vitest';
import { all } from '../harness/support.ts';
import { World } from './sim/world.ts';

const first = { harness: 'codex', session: '019a' };
const second = { harness: 'claude-code', session: '49d9' };

test('marks of a session are redacted, listed, and no change of another is lost', async () => {
  const world = new World(1);
  const [a, b] = [world.actor('a'), world.actor('b')];
  expect(await world.run(a.marks.get(first))).toEqual({ ...first, labels: {}, notes: [] });
  await world.run(
    Promise.all([
      a.marks.change(first, (now) => ({ ...now, labels: { ...now.labels, team: 'web' }, rating: 4 })),
      b.marks.change(first, (now) => ({ ...now, notes: [...now.notes, 'has SECRET'], name: 'the import' })),
    ]),
  );
  const marked = { ...first, labels: { team: 'web' }, rating: 4, notes: ['has ***'], name: 'the import' };
  expect(await world.run(b.marks.get(first))).toEqual(marked);
  const note = (text: string) =>
    b.marks.change(second, (now) => ({ ...now, notes: [...now.notes, text] }), { idem: 'k' });
  await world.run(note('once'));
  await world.run(note('once'));
  const found = await world.run(all(a.marks.list()));
  expect(found).toEqual([{ ...second, labels: {}, notes: ['once'] }, marked]);
});

import { expect, test } from 'vitest';
import { blobKey, metaKey, packKey, partKey, slotKey, slotPath } from '../../src/store/keys.ts';
import { encodeName } from '../../src/store/names.ts';
import { kindOfPath } from '../../src/store/project-path.ts';

const names = ['main', 'con', '-x', '..', 'A b/c', 'ü'.repeat(90), 'x'.repeat(120), 'x'.repeat(121)];

test.each(names)('what is called %j stands at a path of a project', (name) => {
  const session = { project: 'p', harness: name, session: name };
  const stream = { ...session, stream: name };
  const slots = slotPath({ folder: 'memory', names: [name, name] });
  const kinds = {
    meta: metaKey(session),
    part: partKey({ ...stream, epoch: 0, seq: 7 }),
    pack: packKey(stream, 3, { first: 0, last: 9 }),
    blob: blobKey(session, 'a'.repeat(64)),
    slot: slotKey(`p/${slots}/`, 1),
  };
  for (const [kind, key] of Object.entries(kinds)) expect([key, kindOfPath(key.slice(2))]).toEqual([key, kind]);
});

const short = encodeName('x'.repeat(121));

test.each(['con', '-x', '=', '=2', '=61', '=2E', 'x=~', 'x'.repeat(121), `=~${'a'.repeat(32)}`, `${short}0`])(
  'no name is encoded as %j',
  (part) => {
    for (const path of [
      `sessions/codex/${part}/meta.json`,
      `sessions/${part}/s/meta.json`,
      `sessions/codex/s/${part}/e000000/part-00000000.jsonl.gz`,
      `memory/${part}/0000000001.json`,
    ]) {
      expect([path, kindOfPath(path)]).toEqual([path, undefined]);
    }
  },
);

test('the folder of blobs is no stream', () => {
  expect(kindOfPath('sessions/codex/s/blobs/e000000/part-00000000.jsonl.gz')).toBeUndefined();
});

import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claudeCode } from '../../harnesses/claude-code.ts';
import { codex } from '../../harnesses/codex.ts';
import { hermes } from '../../harnesses/hermes.ts';
import { imported } from '../../harnesses/imported.ts';
import { harnesses } from '../../harnesses/index.ts';
import { openclaw } from '../../harnesses/openclaw.ts';
import { loadHarnesses } from '../../src/external-harnesses.ts';
import { type ContractCase, harnessContract } from '../../src/harness/contract.ts';
import type { Harness } from '../../src/harness/index.ts';
import { seeded } from '../mirror/chaos.ts';
import { HermesSource, OpenclawSource } from '../mirror/database-source.ts';
import { startWriter, withoutWriter } from '../sqlite/writer.ts';
import { temporaryFolder } from './support.ts';

const id = '0c0ffee0-1111-4222-8333-444455556666';
const timestamp = '2026-11-21T10:00:00.000Z';

/** A transcript as a JSONL file. */
function jsonl(harness: Harness, path: string, prompt: (text: string) => object): ContractCase {
  return {
    harness,
    async create(root) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      return {
        session: id,
        prompt: async (text) => appendFileSync(file, `${JSON.stringify(prompt(text))}\n`),
        rewrite: async () => writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'eno')),
        remove: async () => rmSync(file),
      };
    },
  };
}

/** The harness of an example in the documentation, as a module in a folder of its own. */
async function example(file: string): Promise<Harness> {
  const docs = readFileSync('docs/harnesses.md', 'utf8');
  const code = new RegExp(`\`\`\`js ${file}\n(.*?)\`\`\``, 's').exec(docs)?.[1];
  if (code === undefined) throw new Error(`no example ${file}`);
  const kit = join(import.meta.dirname, '../../src/harness/index.ts');
  const folder = temporaryFolder();
  writeFileSync(join(folder, file), code.replace("'cairn-sessions/harness'", JSON.stringify(kit)));
  const [harness] = await loadHarnesses([join(folder, file)], []);
  if (harness === undefined) throw new Error('nothing was loaded');
  return harness;
}

const files: Readonly<Record<string, ContractCase>> = {
  'claude-code': jsonl(claudeCode, `projects/-home-dev/${id}.jsonl`, (content) => ({
    type: 'user',
    message: { role: 'user', content },
    timestamp,
    sessionId: id,
  })),
  codex: jsonl(codex, `sessions/2026/11/21/rollout-2026-11-21T10-00-00-${id}.jsonl`, (text) => ({
    timestamp,
    type: 'event_msg',
    payload: { type: 'item_completed', item: { type: 'UserMessage', content: [{ type: 'text', text }] } },
  })),
  imported: jsonl(imported, `${id}/main.jsonl`, (text) => ({
    v: 1,
    kind: 'message',
    session: id,
    prompt: true,
    content: [{ type: 'text', text }],
  })),
  openclaw: jsonl(openclaw, `agents/main/sessions/${id}.jsonl`, (content) => ({
    type: 'message',
    id: content,
    timestamp,
    message: { role: 'user', content },
  })),
};

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Makes a root of a source's home, so that one case is told by the root alone. */
const databases: Readonly<Record<string, ContractCase>> = {
  'openclaw rows': {
    harness: openclaw,
    async create(root) {
      const source = new OpenclawSource(root, seeded(1), 'agents/main/agent/openclaw-agent.sqlite');
      await source.open();
      return {
        session: 's1',
        async prompt(text) {
          const event = JSON.stringify({ type: 'message', message: { role: 'user', content: text } });
          const seq = `(SELECT coalesce(max(seq), -1) + 1 FROM transcript_events WHERE session_id = 's1')`;
          await source.statements(
            `INSERT INTO transcript_events (session_id, seq, event_json, created_at) VALUES ('s1', ${seq}, ${quoted(event)}, 1)`,
          );
        },
        rewrite: () => source.statements(`UPDATE transcript_events SET event_json = replace(event_json, 'one', 'eno')`),
        remove: () => source.statements(`DELETE FROM session_windows WHERE session_id = 's1'`),
        close: () => source.close(),
      };
    },
  },
  hermes: {
    harness: hermes,
    async create(root) {
      const source = new HermesSource(root, seeded(1), 'state.db');
      await source.open();
      let at = 1_795_169_700;
      return {
        session: 's1',
        prompt: (text) =>
          source.statements(
            `INSERT INTO messages (session_id, role, content, timestamp) VALUES ('s1', 'user', ${quoted(text)}, ${++at})`,
          ),
        rewrite: () => source.statements(`UPDATE messages SET content = replace(content, 'one', 'eno')`),
        remove: () =>
          source.statements(`DELETE FROM messages WHERE session_id = 's1'`, `DELETE FROM sessions WHERE id = 's1'`),
        close: () => source.close(),
      };
    },
  },
};

describe.each(Object.entries(files))('published contract: %s', (_, given) => {
  for (const { name, run } of harnessContract(given)) test(name, run);
});

describe.skipIf(withoutWriter !== undefined).each(Object.entries(databases))('published contract: %s', (_, given) => {
  for (const { name, run } of harnessContract(given)) test(name, run);
});

test('every harness of the registry is held to the contract', () => {
  const held = new Set([...Object.values(files), ...Object.values(databases)].map(({ harness }) => harness.name));
  expect([...held].sort()).toEqual(harnesses.map(({ name }) => name).sort());
});

describe('examples of the documentation', () => {
  test('a harness of JSONL files', async () => {
    const harness = await example('notes.mjs');
    const given = jsonl(harness, `${id}.jsonl`, (text) => ({ type: 'prompt', text }));
    for (const { run } of harnessContract(given)) await run();
  });

  test.skipIf(withoutWriter !== undefined)('a harness of a database', async () => {
    const harness = await example('steps.mjs');
    const create: ContractCase['create'] = async (root) => {
      const writer = startWriter(join(root, 'steps.db'));
      await writer.run(
        'PRAGMA journal_mode=wal',
        'CREATE TABLE steps (session TEXT, n INTEGER, json TEXT, PRIMARY KEY (session, n))',
      );
      let n = 0;
      return {
        session: 's1',
        prompt: (text) =>
          writer.run(`INSERT INTO steps VALUES ('s1', ${n++}, ${quoted(JSON.stringify({ type: 'prompt', text }))})`),
        rewrite: () => writer.run(`UPDATE steps SET json = replace(json, 'one', 'eno')`),
        remove: () => writer.run('DELETE FROM steps'),
        close: () => writer.close(),
      };
    };
    for (const { run } of harnessContract({ harness, create })) await run();
  });

  test('a module that is no harness says what it lacks', async () => {
    const folder = temporaryFolder();
    const load = async (code: string, known: string[] = []) => {
      const path = join(folder, `m${Math.random()}.mjs`);
      writeFileSync(path, code);
      return loadHarnesses([path], known);
    };
    const refused = { code: 'config' };
    await expect(loadHarnesses([join(folder, 'none.mjs')], [])).rejects.toMatchObject(refused);
    await expect(load('export default 1')).rejects.toMatchObject(refused);
    await expect(load(`export default { name: 'A B' }`)).rejects.toMatchObject(refused);
    await expect(load(`export default { name: 'a', title: 'A', seen: [] }`)).rejects.toThrow('roots');
    const whole = `const f = () => {}; export default { name: 'a', title: 'A', seen: [], roots: f, watched: f, discover: f, read: f, adopt: f, select: f, prove: f, summarise: f }`;
    expect((await load(whole)).map(({ name }) => name)).toEqual(['a']);
    await expect(load(whole, ['a'])).rejects.toThrow('a name of its own');
  });

  test('promises that are not kept are found', async () => {
    const given = files.codex!;
    const broken: Harness = { ...given.harness, adopt: async () => undefined, prove: async () => true };
    const outcomes = await Promise.all(
      harnessContract({ ...given, harness: broken }).map(({ name, run }) =>
        run().then(
          () => undefined,
          () => name,
        ),
      ),
    );
    expect(outcomes.filter((name) => name !== undefined)).toEqual([
      'recognises what it gave, and nothing else',
      'a past that was rewritten is never continued',
    ]);
  });
});

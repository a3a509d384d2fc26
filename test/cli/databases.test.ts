import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { seeded } from '../mirror/chaos.ts';
import { foldOf } from '../mirror/database-history.ts';
import { HermesSource, OpenclawSource } from '../mirror/database-source.ts';
import { startWriter, withoutWriter } from '../sqlite/writer.ts';
import { expectFailure, objects, User } from './cairn.ts';

let user: User;
beforeEach(async () => {
  user = await User.create();
});

/** Every byte of the bucket, compressed members as what they hold. */
async function bytesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(
    files.map(async (path) => {
      const bytes = await readFile(path);
      return `${path}\n${(path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')}`;
    }),
  );
  return contents.join('\n');
}

describe.skipIf(withoutWriter !== undefined)('sessions in databases, through the program', () => {
  async function hermesAt(home: string): Promise<HermesSource> {
    const source = new HermesSource(home, seeded(1));
    onTestFinished(() => source.close());
    await source.open();
    for (const step of ['insert', 'multimodal', 'usage']) await source.run(step);
    return source;
  }

  async function openclawAt(home: string): Promise<OpenclawSource> {
    const source = new OpenclawSource(home, seeded(1));
    onTestFinished(() => source.close());
    await source.open();
    await source.run('more');
    return source;
  }

  test('mirror, list, show, cat, cat --folded, tail, verify, stop', async () => {
    const source = await hermesAt(user.home);
    const openclaw = await openclawAt(user.home);
    expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
    for (const step of ['compaction', 'delete', 'again', 'update']) {
      await source.run(step);
      expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
    }
    const last = objects((await user.run('session', 'mirror', '--all')).stdout).at(-1);
    expect(last).toMatchObject({ event: 'done', sessions: 0, requests: 0 });

    const expected = await source.expected();
    const cat = await user.run('session', 'cat', 'hermes/s1');
    expect(foldOf(cat.stdout)).toEqual(expected);
    const folded = await user.run('session', 'cat', 'hermes/s1', '--folded');
    expect(folded.stdout.split('\n').length - 1).toBe(Object.keys(expected).length);
    expect(cat.stdout.length).toBeGreaterThan(folded.stdout.length);
    expect(foldOf(folded.stdout)).toEqual(expected);
    const ids = objects(folded.stdout).flatMap(({ put, id }) => (put === 'messages' ? [id as number] : []));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect((await user.run('session', 'cat', 'openclaw/s1')).stdout).toBe(await openclaw.expected());
    expectFailure(await user.run('session', 'cat', 'openclaw/s1', '--folded'), 2, /kept as a log of changes/);

    const listed = objects((await user.run('session', 'list')).stdout);
    expect(listed.map(({ harness, session }) => `${harness}/${session}`).sort()).toEqual([
      'hermes/s1',
      'hermes/s2',
      'openclaw/s1',
    ]);
    for (const id of ['hermes/s1', 'openclaw/s1']) {
      expect((await user.run('session', 'show', id)).exit).toBe(0);
      expect((await user.run('session', 'tail', id, '--lines', '1')).stdout).toMatch(/^\{.*\}\n$/);
      expect((await user.run('session', 'stop', id)).exit).toBe(0);
      const verified = await user.run('session', 'verify', id);
      expect(verified).toMatchObject({ exit: 0 });
      expect(objects(verified.stdout)).toContainEqual(expect.objectContaining({ stream: 'main', source: 'equal' }));
    }
  });

  test('no byte of what is not allowed reaches the bucket, or a message', async () => {
    const agent = join(user.home, '.openclaw/agents/main/agent');
    await mkdir(agent, { recursive: true });
    const path = join(agent, 'openclaw-agent.sqlite');
    await copyFile('test/samples/openclaw/sqlite-2026.9.6/openclaw-agent.sqlite', path);
    const secrets = ['store', 'state', 'shared', 'prompt', 'origin', 'person', 'chat'].map(
      (name) => `${name}-${'x7Qz'.repeat(8)}`,
    );
    const [store, state, shared, prompt, origin, person, chat] = secrets;
    const writer = startWriter(path);
    onTestFinished(() => writer.kill());
    await writer.run(
      `INSERT INTO auth_profile_store VALUES ('default', '{"token":"${store}"}', 1)`,
      `INSERT INTO auth_profile_state VALUES ('default', '{"token":"${state}"}', 1)`,
    );
    await mkdir(join(user.home, '.openclaw/state'), { recursive: true });
    await writeFile(join(user.home, '.openclaw/state/openclaw.sqlite'), `${shared}`);
    const source = await hermesAt(user.home);
    await source.statements(
      `INSERT INTO system_prompts VALUES ('h', '${prompt}')`,
      `UPDATE sessions SET system_prompt_hash = 'h', origin_json = '${origin}', user_id = '${person}', chat_id = '${chat}'`,
      `INSERT INTO gateway_routing (session_key, entry_json, updated_at) VALUES ('k', '${shared}', 1)`,
    );
    const runs = [
      // Without redaction: nothing else may be what keeps them back.
      await user.run('session', 'mirror', '--all', '--no-redact'),
      await user.run('session', 'stop', 'openclaw/sess-test-1'),
      await user.run('doctor'),
      await user.run('session', 'list'),
    ];
    const written = await bytesOf(user.bucket);
    expect(written).toContain('hello there mock');
    expect(written).toContain('sessions/hermes/s1');
    const local = await bytesOf(join(user.home, '.local/state'));
    for (const secret of secrets) {
      expect(written).not.toContain(secret);
      expect(local).not.toContain(secret);
      expect(JSON.stringify(runs)).not.toContain(secret);
    }
  });

  test('what only the database says of a session is in the list that is made again from the parts', async () => {
    const source = await hermesAt(user.home);
    await source.statements(
      `INSERT INTO messages (session_id, role, content, timestamp) VALUES ('s2', 'user', 'go on', 1795169800)`,
      `UPDATE sessions SET end_reason = 'compression' WHERE id = 's1'`,
      `UPDATE sessions SET parent_session_id = 's1' WHERE id = 's2'`,
    );
    expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
    const list = async (...args: string[]) =>
      objects((await user.run('session', 'list', ...args)).stdout).map(({ session, schema, lineage }) => ({
        session,
        schema,
        lineage,
      }));
    const before = await list();
    const lineage = [{ kind: 'continues', session: 's1' }];
    expect(before).toContainEqual({ session: 's2', schema: '30', lineage });
    expect(await list('--rebuild')).toEqual(before);
  });

  test('what was deleted from a database was here before', async () => {
    const source = await hermesAt(user.home);
    const openclaw = await openclawAt(user.home);
    expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
    await source.statements(`DELETE FROM messages WHERE session_id = 's1'`, `DELETE FROM sessions WHERE id = 's1'`);
    await openclaw.statements(`DELETE FROM transcript_events`, `DELETE FROM session_windows WHERE session_id = 's1'`);
    expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
    const { exit, stdout } = await user.run('session', 'verify', '--all', '--custody', '--json');
    expect(exit).toBe(0);
    const custody = objects(stdout).filter(({ event }) => event === 'custody');
    for (const [harness, session, held] of [
      ['hermes', 's1', 'held'],
      ['hermes', 's2', 'present'],
      ['openclaw', 's1', 'held'],
    ])
      expect(custody).toContainEqual(expect.objectContaining({ harness, session, custody: held }));
  });

  test('an unknown schema and a newer agent are told once, by list and doctor, and stop nothing', async () => {
    const openclaw = await openclawAt(user.home);
    await openclaw.run('another');
    await openclaw.statements(`UPDATE schema_meta SET schema_version = 24, app_version = '2027.1.0'`);
    expect(objects((await user.run('session', 'mirror', '--all')).stdout).at(-1)).toMatchObject({
      sessions: 2,
      failed: 0,
    });
    const { stderr } = await user.run('session', 'list');
    expect(stderr.match(/OpenClaw 2027\.1\.0 is newer than 2026\.9\.6/g)).toHaveLength(1);
    expect(stderr.match(/expected schema 23 of OpenClaw, got 24/g)).toHaveLength(1);
    const checks = objects((await user.run('doctor')).stdout);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'openclaw', state: 'warn', found: expect.stringContaining('got 24') }),
    );
    expect(checks).toContainEqual(expect.objectContaining({ name: 'hermes', state: 'ok' }));
  });
});

describe('a harness from outside', () => {
  const kit = join(import.meta.dirname, '../../dist/src/harness/index.js');

  test('is named in the configuration of the user, and of nobody else', async () => {
    const code = /```js notes\.mjs\n(.*?)```/s.exec(await readFile('docs/harnesses.md', 'utf8'))?.[1] ?? '';
    await mkdir(join(user.home, '.config/cairn'), { recursive: true });
    await writeFile(
      join(user.home, '.config/cairn/notes.mjs'),
      code.replace("'cairn-sessions/harness'", JSON.stringify(kit)),
    );
    await mkdir(join(user.home, '.notes'), { recursive: true });
    await writeFile(join(user.home, '.notes/n1.jsonl'), '{"type":"prompt","text":"Tidy up"}\n');

    await writeFile(join(user.home, '.cairn.toml'), 'harnesses = ["./.config/cairn/notes.mjs"]\n');
    expectFailure(await user.run('session', 'list'), 2, /a harness is code/);
    await writeFile(join(user.home, '.cairn.toml'), '');

    await writeFile(join(user.home, '.config/cairn/config.toml'), 'harnesses = ["./notes.mjs"]\n');
    const mirrored = await user.run('session', 'mirror', '--all', '--harness', 'notes');
    expect(objects(mirrored.stdout).at(-1)).toMatchObject({ event: 'done', sessions: 1, failed: 0 });
    expect(objects((await user.run('session', 'list')).stdout)).toMatchObject([
      { harness: 'notes', session: 'n1', title: 'Tidy up', turns: 1 },
    ]);
    expect((await user.run('session', 'verify', 'n1')).exit).toBe(0);
    expectFailure(await user.run('session', 'mirror', '--harness', 'nots'), 2, /expected a harness/);

    await writeFile(join(user.home, '.config/cairn/config.toml'), 'harnesses = ["./none.mjs"]\n');
    expectFailure(await user.run('session', 'list'), 2, /expected a module/);
    await writeFile(join(user.home, '.config/cairn/config.toml'), 'harnesses = "notes.mjs"\n');
    expectFailure(await user.run('session', 'list'), 2, /expected paths of modules/);
  });
});

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { handIn } from '../../src/resume/hand-in.ts';
import { withoutWriter } from '../sqlite/writer.ts';
import { event, hermesHosts, hermesImport, openclawHosts, openclawImport } from './agents.ts';
import { partsOf, type TestHost } from './host.ts';

async function imported(host: TestHost, session: string, run: () => Promise<void>, choices = {}) {
  const prepared = await host.prepareImport(session, choices);
  await handIn(prepared, run);
  return prepared;
}

const failed = () => Promise.reject(new Error('the import failed'));
const missing = (path: string) => expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });

describe.skipIf(withoutWriter)('openclaw', () => {
  const turns = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => event('s1', `a${from + i}`, `turn ${from + i} é`));

  test('hosts that take turns have all of it, ship only their own, and keep one head', async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...turns(0, 5));
    await b.source.statements(event('s2', 'own', 'of B alone'));
    await a.host.mirror();
    const shipped = async (host: TestHost) =>
      partsOf((await host.mirror()).filter((one) => 'session' in one && one.session === 's1'));
    let number = 5;
    for (const [here, there] of [
      [b, a],
      [a, b],
      [b, a],
    ] as const) {
      const prepared = await imported(here.host, 's1', () => openclawImport(here));
      expect(prepared.notes).toEqual([]);
      expect(await here.source.expected()).toBe(await there.source.expected());
      expect(await shipped(here.host)).toBe(0);
      const again = await here.host.prepareImport('s1');
      expect(again.standing.kind).toBe('same');
      await here.source.statements(...turns(number, ++number));
      expect(await shipped(here.host)).toBe(1);
    }
    await missing(join(b.host.root, 'agents/main/sessions/sessions.json'));
  });

  test('redacted records of this host are its own still', async () => {
    const { testRedactor } = await import('../mirror/rig.ts');
    const [a, b] = await openclawHosts();
    for (const { host } of [a, b]) host.redactor = () => testRedactor(/secret\d*/g);
    await a.source.statements(event('s1', 'a0', 'secret1'), event('s1', 'a1', 'plain'));
    await a.host.mirror();
    await imported(b.host, 's1', () => openclawImport(b));
    await b.source.statements(event('s1', 'b0', 'of B'));
    await b.host.mirror();
    await imported(a.host, 's1', () => openclawImport(a));
    expect(await a.source.expected()).toContain('secret1');
    expect(await a.source.expected()).toContain('of B');
    expect(await b.source.expected()).not.toContain('secret1');
    expect(partsOf(await a.host.mirror())).toBe(0);
  });

  test('both went on: refused, and nothing changes; --fork imports the other beside it', async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...turns(0, 3));
    await a.host.mirror();
    await imported(b.host, 's1', () => openclawImport(b));
    await a.source.statements(event('s1', 'a9', 'of A'));
    await a.host.mirror();
    await b.source.statements(event('s1', 'b9', 'of B'));
    const before = await b.source.expected();
    await expect(imported(b.host, 's1', () => openclawImport(b))).rejects.toMatchObject({ code: 'differs' });
    expect(await b.source.expected()).toBe(before);
    const { target } = await imported(b.host, 's1', () => openclawImport(b), { fork: true });
    const rows = await b.source.rows('transcript_events', 'SELECT session_id, event_json FROM transcript_events');
    expect(
      rows
        .filter((row) => row.session_id === target.session)
        .map((row) => String(row.event_json))
        .join(),
    ).toContain('of A');
    expect(await b.source.expected()).toBe(before);
  });

  test('an import that fails leaves no file; a run that was killed between two files is completed', async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...turns(0, 3));
    await a.host.mirror();
    const folder = join(b.host.root, 'agents/main/sessions');
    await expect(imported(b.host, 's1', failed)).rejects.toThrow('the import failed');
    await missing(join(folder, 's1.jsonl'));
    await expect(imported(b.host, 's1', async () => {})).rejects.toMatchObject({ code: 'incomplete' });
    await writeFile(join(folder, 's1.jsonl'), await a.source.expected());
    await imported(b.host, 's1', () => openclawImport(b));
    expect(await b.source.expected()).toBe(await a.source.expected());
  });

  test('sessions that the agent has not taken yet are not touched', async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...turns(0, 3));
    await a.host.mirror();
    const index = join(b.host.root, 'agents/main/sessions/sessions.json');
    await mkdir(join(index, '..'), { recursive: true });
    await writeFile(index, '{"agent:main:main":{"sessionId":"other"}}');
    await expect(imported(b.host, 's1', failed)).rejects.toMatchObject({
      code: 'unfit',
      hint: expect.stringContaining('doctor'),
    });
    expect(await readFile(index, 'utf8')).toContain('other');
  });

  test('without the agent: refused here, written into a folder of its own', async () => {
    const [a, b] = await openclawHosts();
    await a.source.statements(...turns(0, 3));
    await a.host.mirror();
    b.host.path = '';
    await expect(imported(b.host, 's1', failed)).rejects.toMatchObject({ code: 'unfit' });
    const prepared = await b.host.prepareImport('s1', { to: join(b.host.cwd, 'there') });
    const { files, importer } = await handIn(prepared, failed);
    expect(importer.slice(0, 4)).toEqual(['openclaw', 'doctor', '--session-sqlite', 'import']);
    expect(await readFile(files[0] ?? '', 'utf8')).toBe(await a.source.expected());
    expect(prepared.environment).toEqual({ OPENCLAW_STATE_DIR: join(b.host.cwd, 'there') });
  });
});

describe.skipIf(withoutWriter)('hermes', () => {
  const message = (role: string, text: string, at: number, more = '') =>
    `INSERT INTO messages (session_id, role, content, timestamp${more && ', tool_calls'})
      VALUES ('h1', '${role}', '${text}', ${at}${more && `, '${more}'`})`;
  const calls = '[{"id":"call_a","type":"function","function":{"name":"terminal","arguments":"{}"}}]';
  const session = [
    "INSERT INTO sessions (id, source, started_at, cwd, title, user_id) VALUES ('h1', 'cli', 1795169700.0, '/w', 'Fix', 'u')",
    message('user', 'Why?', 1795169701.5),
    message('assistant', 'Looking.', 1795169702.5, calls),
    "INSERT INTO messages (session_id, role, content, tool_call_id, timestamp) VALUES ('h1', 'tool', 'found', 'call_a', 1795169703.5)",
    message('assistant', 'Because.', 1795169704.5),
  ];

  test('takes the session as it stands; the mirror goes on with it', async () => {
    const [a, b] = await hermesHosts();
    await a.source.statements(...session, "UPDATE messages SET active = 0 WHERE content = 'Because.'");
    await a.host.mirror();
    const prepared = await b.host.prepareImport('h1');
    expect(prepared.lost).toEqual({ 'messages outside of the context': 1 });
    expect(prepared.command).toEqual(['hermes', '--resume', 'h1']);
    let line = '';
    const { files } = await handIn(prepared, async (command) => {
      expect(command.slice(0, 5)).toEqual(['hermes', 'sessions', 'import', '--from', 'hermes']);
      line = await readFile(command[5] ?? '', 'utf8');
      await hermesImport(b, command[5] ?? '');
    });
    const { messages, ...row } = JSON.parse(line) as { messages: { tool_calls?: unknown }[] };
    expect(row).toMatchObject({ id: 'h1', title: 'Fix', cwd: b.host.cwd });
    expect(row).not.toHaveProperty('user_id');
    expect(messages.length).toBe(3);
    expect(messages[1]?.tool_calls).toEqual(JSON.parse(calls));
    await missing(files[0] ?? '');
    const rows = await b.source.rows('messages', "SELECT content FROM messages WHERE session_id = 'h1' ORDER BY id");
    expect(rows.map(({ content }) => content)).toEqual(['Why?', 'Looking.', 'found']);
    expect((await b.host.prepareImport('h1')).standing.kind).toBe('same');
    await b.source.statements(message('user', 'And now?', 1795169800.5));
    const events = (await b.host.mirror()).filter((one) => 'session' in one && one.session === 'h1');
    expect(events.map(({ event: kind }) => kind)).toEqual(['part', 'session']);
    expect((await a.host.prepareImport('h1')).standing).toMatchObject({ kind: 'behind', there: 1 });
  });

  test('a session that is there is left alone: the same is gone on with, another refused', async () => {
    const [a, b] = await hermesHosts();
    for (const { source } of [a, b]) await source.statements(...session);
    await a.host.mirror();
    await imported(b.host, 'h1', failed);
    await a.source.statements(message('user', 'More', 1795169900.5));
    await a.host.mirror();
    await expect(imported(b.host, 'h1', failed)).rejects.toMatchObject({ code: 'differs' });
    // Under a new id it is another session.
    const prepared = await b.host.prepareImport('h1', { fork: true });
    await handIn(prepared, (command) => hermesImport(b, command[5] ?? ''));
    const sql = `SELECT content FROM messages WHERE session_id = '${prepared.target.session}' ORDER BY id`;
    expect((await b.source.rows('messages', sql)).map(({ content }) => content).at(-1)).toBe('More');
  });
});

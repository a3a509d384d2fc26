import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectFailure, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const id = '11111111-2222-4333-8444-555555555555';
const line = (n: number) =>
  `${JSON.stringify({ type: 'user', sessionId: id, n, message: { role: 'user', content: `word${n} said` } })}\n`;

async function userAt(bucket?: string): Promise<User> {
  const user = await User.create();
  if (bucket) user.env = { ...user.env, CAIRN_BUCKET: `file://${bucket}` };
  mkdirSync(dirname(fileOf(user)), { recursive: true });
  return user;
}

const fileOf = (user: User) => join(user.home, '.claude/projects/-w', `${id}.jsonl`);

async function ok(user: User, ...args: string[]): Promise<string> {
  const { exit, stdout, stderr } = await user.run(...args);
  expect([args, exit, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
}

function expectShapes(heading: string, values: readonly Record<string, unknown>[]): void {
  for (const value of values) expect(undocumented(heading, value)).toEqual([]);
}

/** The bucket as it would be after so many days: its files are its clock. */
function age(folder: string, days: number): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const past = Date.now() / 1000 - days * 86_400;
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), past, past);
  }
}

const names = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /(part|pack)-/.test(name));

async function writeParts(user: User, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    appendFileSync(fileOf(user), line(n));
    await ok(user, 'session', 'mirror', '--all');
  }
}

describe('cairn session compact', () => {
  it('packs what is old, removes a day later, and every command reads on: as docs/json.md says', async () => {
    const user = await userAt();
    await writeParts(user, 6);
    await ok(user, 'index');
    expectFailure(await user.run('session', 'compact', '--no-json'), 2, /expected the id of a session, or --all/);
    expect(objects(await ok(user, 'session', 'compact', '--all'))).toMatchObject([{ event: 'done', packed: 0 }]);
    age(user.bucket, 3);
    const dry = objects(await ok(user, 'session', 'compact', id.slice(0, 8), '--dry-run'));
    expect(dry).toMatchObject([{ event: 'would-pack', first: 0, last: 5 }, { event: 'done' }]);
    expect(names(user.bucket)).toHaveLength(6);
    const packed = objects(await ok(user, 'session', 'compact', '--all'));
    expect(packed).toMatchObject([
      { event: 'packed', parts: 6 },
      { event: 'done', packs: 1, packed: 6, removed: 0 },
    ]);
    age(user.bucket, 3);
    const removed = objects(await ok(user, 'session', 'compact', '--all'));
    expect(removed).toMatchObject([
      { event: 'removed', parts: 6 },
      { event: 'done', removed: 6 },
    ]);
    expectShapes('session compact', [...dry, ...packed, ...removed]);
    expect(names(user.bucket)).toHaveLength(1);

    const source = readFileSync(fileOf(user), 'utf8');
    expect(await ok(user, 'session', 'cat', id)).toBe(source);
    expect(objects(await ok(user, 'session', 'tail', id, '-n', '2'))).toMatchObject([{ n: 4 }, { n: 5 }]);
    expect(objects(await ok(user, 'session', 'events', id)).length).toBeGreaterThan(5);
    const shown = objects(await ok(user, 'session', 'show', id, '--tail', '1'));
    expect(shown).toMatchObject([{ parts: 6, streams: [{ epochs: [{ parts: 6, packs: 1 }] }] }]);
    expectShapes('session show', shown);
    expect(objects(await ok(user, 'session', 'verify', '--all'))).toMatchObject([{ parts: 6, source: 'equal' }]);
    expect(JSON.stringify(objects(await ok(user, 'session', 'search', 'word3')))).toContain('word3');
    expect(await ok(user, 'session', 'export', id, '--format', 'jsonl')).toContain('word5 said');
    expect(objects(await ok(user, 'session', 'guard'))).toMatchObject([{ safe: true }]);
    await ok(user, 'session', 'pull', id, '--to', 'pulled');
    await ok(user, 'redact', 'scan');
    await ok(user, 'index', '--rebuild');

    rmSync(join(user.home, '.local/state'), { recursive: true });
    appendFileSync(fileOf(user), line(6));
    await ok(user, 'session', 'mirror', '--all');
    expect(await ok(user, 'session', 'cat', id)).toBe(source + line(6));
    expect(objects(await ok(user, 'session', 'show', id))).toMatchObject([{ streams: [{ epochs: [{ parts: 7 }] }] }]);
  }, 240_000);

  it('takes no identity in an encrypted project, and its hashes hold', async () => {
    const ann = await userAt();
    await ok(ann, 'init', '--encrypt');
    const writer = await userAt(ann.bucket);
    await writeParts(writer, 4);
    age(ann.bucket, 3);
    await ok(writer, 'session', 'compact', '--all');
    age(ann.bucket, 3);
    await ok(writer, 'session', 'compact', '--all');
    expect(names(ann.bucket)).toEqual([expect.stringMatching(/pack-00000003-00000000\.age$/)]);
    expect(await ok(ann, 'session', 'cat', id)).toBe(readFileSync(fileOf(writer), 'utf8'));
    expect(objects(await ok(ann, 'session', 'verify', '--all'))).toMatchObject([{ parts: 4, records: 4 }]);
    appendFileSync(fileOf(writer), line(4));
    await ok(writer, 'session', 'mirror', '--all');
    expect(await ok(ann, 'session', 'cat', id)).toBe(readFileSync(fileOf(writer), 'utf8'));
    expect(objects(await ok(ann, 'session', 'show', id))).toMatchObject([{ streams: [{ epochs: [{ parts: 5 }] }] }]);
  }, 240_000);
});

describe('a project whose lists are lost', () => {
  it('gets them back from each meta, and from the parts where that is damaged', async () => {
    const user = await userAt();
    await writeParts(user, 1);
    const list = async () => objects(await ok(user, 'session', 'list'));
    const before = await list();
    expect(before).toHaveLength(1);
    const files = () =>
      readdirSync(user.bucket, { recursive: true, encoding: 'utf8' }).map((name) => join(user.bucket, name));
    for (const name of files().filter((path) => /catalog\/.*\.gz$/.test(path))) writeFileSync(name, 'damaged');
    const broken = await user.run('session', 'prune', '--older-than', '1d');
    expect(broken.stderr).toContain('cairn catalog rebuild');
    const rebuilt = objects(await ok(user, 'catalog', 'rebuild'));
    expectShapes('catalog rebuild', rebuilt);
    expect(await list()).toEqual(before);
    for (const name of files().filter((path) => path.endsWith('meta.json') && path.includes('sessions')))
      writeFileSync(name, '{"cairn":');
    expect(objects(await ok(user, 'catalog', 'rebuild'))).toMatchObject([{ sessions: 1, failed: 0 }]);
    expect(await list()).toEqual(before);
    expect(objects(await ok(user, 'session', 'show', id))).toMatchObject([{ meta: { cairn: 'meta' } }]);
  }, 120_000);
});

describe('cairn session guard', () => {
  it('tells once of a file that cannot be understood, whatever agents worked below it', async () => {
    const user = await userAt();
    const cwd = join(user.home, 'work');
    mkdirSync(cwd);
    writeFileSync(join(cwd, '.cairn.toml'), '[mirror]\nenabled = "no"\n');
    writeFileSync(fileOf(user), `${JSON.stringify({ type: 'user', sessionId: id, cwd })}\n`);
    const rollouts = join(user.home, '.codex/sessions/2026/11/21');
    mkdirSync(rollouts, { recursive: true });
    const meta = { timestamp: '2026-11-21T10:00:00.000Z', type: 'session_meta', payload: { id, cwd } };
    writeFileSync(join(rollouts, `rollout-2026-11-21T10-00-00-${id}.jsonl`), `${JSON.stringify(meta)}\n`);
    const { exit, stderr } = await user.run('session', 'guard', '--no-json');
    expect(exit).toBe(0);
    expect(stderr.split('expected true or false at mirror.enabled').length - 1).toBe(1);
    expect(stderr).toContain('2 more stay on this host');
  }, 60_000);
});

describe('custody', () => {
  it('of a deleted source is held where all of it was here before', async () => {
    const user = await userAt();
    writeFileSync(fileOf(user), line(0) + line(1));
    const beside = join(dirname(fileOf(user)), id, 'tool-results/a.txt');
    mkdirSync(dirname(beside), { recursive: true });
    writeFileSync(beside, 'said');
    for (const file of [fileOf(user), beside]) utimesSync(file, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    await ok(user, 'session', 'mirror', '--all');
    const second = id.replaceAll('1', '9');
    const other = join(dirname(fileOf(user)), `${second}.jsonl`);
    writeFileSync(other, line(7).replaceAll(id, second));
    appendFileSync(other, '{"torn":');
    utimesSync(other, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    await ok(user, 'session', 'mirror', '--all');
    expect(
      objects(await ok(user, 'session', 'verify', '--all', '--custody')).filter(({ event }) => event === 'custody'),
    ).toMatchObject([{ custody: 'present' }, { custody: 'present' }, { custody: 'present' }]);
    writeFileSync(
      join(dirname(other), `${id.replaceAll('1', '8')}.jsonl`),
      line(8).replaceAll(id, id.replaceAll('1', '8')),
    );
    rmSync(fileOf(user));
    rmSync(join(dirname(fileOf(user)), id), { recursive: true });
    rmSync(other);
    await ok(user, 'session', 'mirror', '--all');
    const told = await user.run('session', 'verify', '--all', '--custody', '--json');
    expect(told.exit).toBe(1);
    const found = objects(told.stdout).filter(({ event }) => event === 'custody');
    expectShapes('session verify', found);
    expect(found).toContainEqual(
      expect.objectContaining({ session: id, custody: 'held', bytes: Buffer.byteLength(line(0) + line(1)) }),
    );
    expect(found).toContainEqual(expect.objectContaining({ session: id, stream: 'files', custody: 'held' }));
    expect(found).toContainEqual(
      expect.objectContaining({
        custody: 'unproven',
        reason: expect.stringMatching(/its source had \d+ bytes, the bucket has/),
      }),
    );
  }, 120_000);
});

describe('the rules of a user', () => {
  it('prune without --older-than takes them; a checkout may not have any', async () => {
    const user = await userAt();
    await writeParts(user, 1);
    expectFailure(await user.run('session', 'prune', '--no-json'), 2, /expected --older-than, or rules below/);
    mkdirSync(join(user.home, '.config/cairn'), { recursive: true });
    const config = join(user.home, '.config/cairn/config.toml');
    writeFileSync(config, '[upkeep]\ncompact = true\n[upkeep.retention.claude-code]\nolder-than = "30"\n');
    expectFailure(await user.run('session', 'prune', '--no-json'), 2, /expected an age such as 90d or 12w/);
    writeFileSync(config, '[upkeep.retention."*"]\nolder-than = "30d"\n');
    expect((await user.run('session', 'prune', '--dry-run', '--no-json')).stderr).toContain('would remove 0 sessions');
    mkdirSync(join(user.home, 'work'));
    writeFileSync(join(user.home, 'work/.cairn.toml'), '[upkeep]\ncompact = true\n');
    expectFailure(await user.runIn('work', 'session', 'list', '--no-json'), 2, /only you say what is removed/);
  }, 120_000);
});

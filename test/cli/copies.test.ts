import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realS3Url } from '../store/real-s3.ts';
import { expectFailure, objects, User } from './cairn.ts';
import { undocumented } from './shapes.ts';

const samples = join(import.meta.dirname, '../samples');
const source = '49d9aac8-4336-424d-8f44-ade0771584a6';
const kept = /^(?!.*(?:catalog|meta\/store|meta\.json|meta\/probe))/;

/** What lies in a bucket that is a folder, by path, but for what belongs to that one bucket. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    if (!/\.(?:json|gz|age|seg)$|\/[0-9a-f]{64}$/.test(path) || !kept.test(path)) continue;
    found[path] = createHash('sha256')
      .update(await readFile(join(folder, path)))
      .digest('hex');
  }
  return found;
}

/** Where the headers of a tar file begin. */
function headsOf(tar: Buffer): number[] {
  const heads: number[] = [];
  for (let at = 0; tar[at]; ) {
    heads.push(at);
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return heads;
}

async function succeed(user: User, ...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const result = await user.run(...args, '--json');
  expect([args, result.exit, result.stderr]).toEqual([args, 0, expect.any(String)]);
  return objects(result.stdout);
}

describe.each([false, true])('a project, encrypted: %s', (encrypted) => {
  let user: User;
  let place: string;
  beforeAll(async () => {
    user = await User.createAt(await mkdtemp(join(tmpdir(), 'cairn-copies-')));
    place = join(user.home, 'bucket');
    user.env = { ...user.env, CAIRN_BUCKET: `file://${place}`, CAIRN_PROJECT: 'shop' };
    await cp(join(samples, 'claude-code/main/projects'), join(user.home, '.claude/projects'), { recursive: true });
    await cp(join(samples, 'codex/compaction-subagent-0.169/sessions'), join(user.home, '.codex/sessions'), {
      recursive: true,
    });
    await succeed(user, 'init', ...(encrypted ? ['--encrypt'] : []));
    await succeed(user, 'session', 'mirror', '--all');
    await succeed(user, 'task', 'add', 'fix', 'Mend it');
    await succeed(user, 'send', 'all', 'look at it');
    await succeed(user, 'session', 'label', source, '--name', 'The web app');
  });
  afterAll(() => rm(user.home, { recursive: true, force: true }));

  const elsewhere = (bucket: string): User => {
    const other = Object.create(user) as User;
    other.env = { ...user.env, CAIRN_BUCKET: bucket };
    return other;
  };

  test('is copied to a folder and back, and is the same', async () => {
    const copy = join(user.home, 'copy');
    const told = await succeed(user, 'session', 'export', '--all', '--to', copy);
    for (const value of told) expect(undocumented('session export', value)).toEqual([]);
    expect(await contents(copy)).toEqual(await contents(place));
    const other = elsewhere(`file://${copy}`);
    const list = await succeed(user, 'session', 'list');
    expect(await succeed(other, 'session', 'list')).toEqual(list);
    expect(await succeed(other, 'task', 'list')).toMatchObject([{ name: 'fix' }]);
    expect(await other.run('session', 'verify', '--all')).toMatchObject({ exit: 0 });
    // Again: nothing is copied; more: only that.
    expect((await succeed(user, 'session', 'export', '--all', '--to', copy)).at(-1)).toMatchObject({ objects: 0 });
    await appendFile(
      join(user.home, `.claude/projects/-home-dev-web-app/${source}.jsonl`),
      `${JSON.stringify({ type: 'user', uuid: 'more', message: { role: 'user', content: 'more' } })}\n`,
    );
    await succeed(user, 'session', 'mirror', '--all');
    expect((await succeed(user, 'session', 'export', '--all', '--to', copy)).at(-1)).toMatchObject({ objects: 1 });
    const back = elsewhere(`file://${join(user.home, 'back')}`);
    await succeed(back, 'session', 'import', copy);
    expect(await contents(join(user.home, 'back'))).toEqual(await contents(place));
    expect(await succeed(back, 'session', 'cat', source)).toEqual(await succeed(user, 'session', 'cat', source));
  });

  test('a session with its sub-agents goes into one file, and is equal to the last byte elsewhere', async () => {
    const file = join(user.home, 'tree.tar');
    const [line] = (await succeed(user, 'session', 'list')).filter(({ harness }) => harness === 'codex');
    await succeed(user, 'session', 'export', source, String(line?.session), '--format', 'cairn', '-o', file);
    const first = await readFile(file);
    await succeed(user, 'session', 'export', source, String(line?.session), '--format', 'cairn', '-o', file);
    expect(Buffer.compare(first, await readFile(file))).toBe(0);
    const target = join(user.home, 'target');
    const other = elsewhere(`file://${target}`);
    const told = await succeed(other, 'session', 'import', file);
    for (const value of told) expect(undocumented('session export', value)).toEqual([]);
    const all = Object.entries(await contents(place));
    const sessions = await readdir(join(target, 'shop/sessions/claude-code'));
    expect(sessions).toEqual([source]);
    const wanted = all.filter(([path]) => path.includes(source) && path.includes('sessions/'));
    expect(Object.entries(await contents(target)).filter(([path]) => path.includes(source))).toEqual(wanted);
    for (const stream of ['main', 'all'])
      expect(await succeed(other, 'session', 'events', source, '--stream', stream)).toEqual(
        await succeed(user, 'session', 'events', source, '--stream', stream),
      );
    expect(await other.run('session', 'verify', '--all')).toMatchObject({ exit: 0 });
    expect((await succeed(other, 'session', 'import', file)).at(-1)).toMatchObject({ objects: 0 });
  });

  test('what is damaged, foreign or of another kind is refused', async () => {
    const file = join(user.home, 'one.tar');
    await succeed(user, 'session', 'export', source, '--format', 'cairn', '-o', file);
    const entries = await unpackTar(await readFile(file));
    const spoil = async (change: (name: string, data: Buffer) => { name: string; data: Buffer }) => {
      const bad = join(user.home, 'bad.tar');
      const changed = entries.map(({ header, data }) => {
        const now = change(header.name, Buffer.from(data ?? []));
        return { header: { ...header, name: now.name, size: now.data.length }, data: new Uint8Array(now.data) };
      });
      await writeFile(bad, await packTar(changed));
      const folder = join(user.home, `bad-${changed.length}-${Math.random()}`);
      return [await elsewhere(`file://${folder}`).run('session', 'import', bad), folder] as const;
    };
    const part = entries.find(({ header }) => header.name.includes('/main/'))?.header.name ?? '';
    const [flipped] = await spoil((name, data) => {
      if (name === part) data[data.length - 20] = (data[data.length - 20] ?? 0) ^ 1;
      return { name, data };
    });
    expectFailure(flipped, 1, /expected/);
    const [moved] = await spoil((name, data) => ({ name: name.replaceAll(source, `${source.slice(0, -1)}7`), data }));
    expectFailure(moved, 1, /is of another place/);
    const [climbing, folder] = await spoil((name, data) => ({ name: name === part ? '../../../escaped' : name, data }));
    expect(climbing.exit).toBe(1);
    expect(climbing.stderr).toContain('no project has this');
    expect((await readdir(folder, { recursive: true })).some((path) => path.includes('escaped'))).toBe(false);
    const kind = elsewhere(`file://${join(user.home, 'kind')}`);
    await mkdir(join(user.home, 'kind'));
    await succeed(kind, 'init', '--force', ...(encrypted ? [] : ['--encrypt']));
    expectFailure(await kind.run('session', 'import', file), 78, /encrypt/);
    expectFailure(await user.run('session', 'import', `file://${join(user.home, 'nowhere')}`), 9, /found none/);
  });

  test('of an archive that is cut anywhere nothing is taken', async () => {
    const [file, cut] = [join(user.home, 'whole.tar'), join(user.home, 'cut.tar')];
    await succeed(user, 'session', 'export', source, '--format', 'cairn', '-o', file);
    const whole = await readFile(file);
    const heads = headsOf(whole);
    const last = heads.at(-1) ?? 0;
    // In the first header, at the end of an object, in a header, in a body, in the last of them, before the end's mark.
    const lengths = [40, 300, heads[1], heads[2], (heads[2] ?? 0) + 100, (heads[2] ?? 0) + 600, last + 520];
    for (const length of [...lengths, whole.length - 1024, whole.length - 512]) {
      await writeFile(cut, whole.subarray(0, length));
      const other = elsewhere(`file://${join(user.home, `cut-${length}`)}`);
      expectFailure(await other.run('session', 'import', cut), 1, /cut\.tar, but it is cut short$/m);
      expect(await readdir(join(user.home, `cut-${length}`)).catch(() => [])).toEqual([]);
      expectFailure(await other.run('session', 'resume', cut, '--dry-run'), 1, /cut\.tar, but it is cut short$/m);
    }
    await writeFile(cut, Buffer.concat([whole.subarray(0, heads[2]), Buffer.alloc(512, 7), whole.subarray(heads[2])]));
    const other = elsewhere(`file://${join(user.home, 'odd')}`);
    expectFailure(
      await other.run('session', 'import', cut),
      1,
      /an archive of sessions in .*cut\.tar, got something else/,
    );
    expect(await readdir(join(user.home, 'odd')).catch(() => [])).toEqual([]);
  });

  test('a copy that was cut short is gone on with: all that is there is listed', async () => {
    const [half, whole] = [join(user.home, 'half'), join(user.home, 'done')];
    await succeed(user, 'session', 'export', '--all', '--to', whole);
    // As an earlier run left it that had copied the sessions of one agent, and listed none.
    await cp(join(whole, 'shop'), join(half, 'shop'), { recursive: true });
    await rm(join(half, 'shop/catalog'), { recursive: true });
    await rm(join(half, 'shop/sessions/codex'), { recursive: true });
    const told = await succeed(user, 'session', 'export', '--all', '--to', half);
    const path = `sessions/claude-code/${source}`;
    expect(told).toContainEqual(expect.objectContaining({ event: 'copied', path, objects: 0, conflicts: 0 }));
    for (const value of told) expect(undocumented('session export', value)).toEqual([]);
    const list = await succeed(user, 'session', 'list');
    expect(await succeed(elsewhere(`file://${half}`), 'session', 'list')).toEqual(list);
    // Listed, then grown, and cut short before the summary and the list: the newer ones come with the next run.
    if (!encrypted) {
      const summary = join(half, 'shop', path, 'meta.json');
      const meta = await readFile(summary, 'utf8');
      const older = (text: string) => text.replace(/"updatedAt":"20\d\d/, '"updatedAt":"1999');
      await writeFile(summary, older(meta));
      for (const name of await readdir(join(half, 'shop/catalog'), { recursive: true })) {
        if (!name.endsWith('.gz')) continue;
        const lines = gunzipSync(await readFile(join(half, 'shop/catalog', name))).toString();
        const aged = lines.replace(/^.*claude-code.*$/gm, older);
        await writeFile(join(half, 'shop/catalog', name), gzipSync(aged));
      }
      expect(await succeed(elsewhere(`file://${half}`), 'session', 'list')).not.toEqual(list);
      expect((await succeed(user, 'session', 'export', '--all', '--to', half)).at(-1)).toMatchObject({ objects: 0 });
      expect(await readFile(summary, 'utf8')).toBe(meta);
      expect(await succeed(elsewhere(`file://${half}`), 'session', 'list')).toEqual(list);
    }
    // Once more: there is nothing to do, and nothing is told.
    expect(await succeed(user, 'session', 'export', '--all', '--to', half)).toHaveLength(1);
  });

  test('what went on elsewhere stays, and is told', async () => {
    const fork = join(user.home, 'fork');
    await succeed(user, 'session', 'export', '--all', '--to', fork);
    const other = elsewhere(`file://${fork}`);
    await succeed(other, 'task', 'claim', 'fix', '--agent', 'ann');
    await succeed(user, 'task', 'claim', 'fix', '--agent', 'bob');
    const result = await user.run('session', 'export', '--all', '--to', fork, '--json');
    expect(result.exit).toBe(1);
    expect(result.stderr).toContain('something else stands there');
    expect(await succeed(other, 'task', 'show', 'fix')).toMatchObject([{ agent: 'ann' }]);
  });

  test.skipIf(realS3Url('') === undefined)('is copied to a real S3 server and back', async () => {
    const url = realS3Url(`copies-${randomUUID()}`) ?? '';
    const credentials = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
    user.env = { ...user.env, ...Object.fromEntries(credentials) };
    await succeed(user, 'session', 'export', '--all', '--to', url);
    const back = elsewhere(`file://${join(user.home, 'from-s3')}`);
    await succeed(back, 'session', 'import', url);
    expect(await contents(join(user.home, 'from-s3'))).toEqual(await contents(place));
  });
});

test('a folder or a pipe where a file is expected is refused in one line', async () => {
  const user = await User.create();
  const [pipe, folder, file] = ['pipe', 'folder', 'events.jsonl'].map((name) => join(user.home, name)) as [
    string,
    string,
    string,
  ];
  await promisify(execFile)('mkfifo', [pipe]);
  await mkdir(folder);
  await writeFile(
    file,
    `${JSON.stringify({ cairn: 'trajectory', v: 1, harness: 'own', session: 's1', streams: [] })}\n`,
  );
  // Nobody writes into the pipe: who opened it would wait for ever.
  expectFailure(await user.run('session', 'import', pipe), 2, /expected a file or a folder at .*pipe, got a pipe/);
  expectFailure(await user.run('session', 'import', folder), 9, /expected a project .* in .*folder, found none/);
  expectFailure(await user.run('session', 'import', folder, '--append', 's1'), 77, /expected to read .*, got EISDIR/);
  expectFailure(
    await user.run('session', 'import', file, '--payloads', file),
    9,
    /a folder of payloads at .*, got ENOTDIR/,
  );
  expectFailure(await user.run('session', 'import', file, '--payloads', join(folder, 'none')), 9, /got ENOENT/);
  for (const place of [pipe, folder])
    expectFailure(await user.run('session', 'resume', place), 2, /expected a session/);
});

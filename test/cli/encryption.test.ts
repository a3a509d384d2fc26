import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { openStore } from '../../src/store/open.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { realS3Url } from '../store/real-s3.ts';
import { testRuntime } from '../store/runtime.ts';
import { expectFailure, objects, User } from './cairn.ts';

const session = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';
const folder = '.claude/projects/-home-dev-shop';
const transcript = `${folder}/${session}.jsonl`;
const runtime = testRuntime();
const large = `${'A tool said this, line after line, and nobody else may read it.\n'.repeat(1500)}`;
const body = `${'The long body of a message about the voucher.\n'.repeat(2000)}`;

/** What was said in the sessions, and by one agent to another. */
const plaintext = [
  'cart total',
  'Voucher and tax',
  'subtracted before tax',
  'subtractVoucher',
  'search index',
  'products faster',
  '/home/dev/shop',
  'gpt-5.2-codex',
  'A tool said this',
  'about the voucher',
  'Repair the lock',
  'three hours at most',
  'swordfish',
  'column,price',
];

async function userOf(bucket: string): Promise<User> {
  const user = await User.create();
  const credentials = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  user.env = { ...user.env, ...Object.fromEntries(credentials), CAIRN_BUCKET: bucket, CAIRN_PROJECT: 'sealed' };
  return user;
}

async function succeed(user: User, ...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await user.run(...args);
  expect([args, exit, stderr]).toEqual([args, 0, expect.any(String)]);
  return stdout;
}

/** Every object of a bucket, as it is stored. */
async function everything(url: string): Promise<Map<string, Buffer>> {
  const store = await openStore(url, { env: process.env, runtime });
  const stored = new Map<string, Buffer>();
  for await (const entry of store.list('')) {
    if ('key' in entry) stored.set(entry.key, Buffer.from((await (await store.get(entry.key))?.bytes()) ?? []));
  }
  await store.close();
  return stored;
}

/** The ways in which text may lie in an object. */
function readings(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const inflated = bytes[0] === 0x1f && bytes[1] === 0x8b ? [gunzipSync(bytes).toString('latin1')] : [];
  const decoded = [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([run]) =>
    Buffer.from(run, 'base64').toString('latin1'),
  );
  return [text, ...inflated, ...decoded];
}

const stores: readonly (readonly [string, () => Promise<string> | string, boolean])[] = [
  ['a folder', async () => `file://${await temporaryFolder()}/bucket`, true],
  ['a real S3 server', () => realS3Url(runtime.id()) ?? '', realS3Url('') !== undefined],
];

describe.each(stores)('an encrypted project in %s', (name, place, isThere) => {
  let url: string;
  let ann: User;
  let bob: User;
  beforeEach(async () => {
    if (!isThere) return;
    url = await place();
    ann = await userOf(url);
    bob = await userOf(url);
    await writeSampleHome(ann.home);
    await mkdir(join(ann.home, folder, session, 'tool-results'), { recursive: true });
    await writeFile(join(ann.home, folder, session, 'tool-results', 'a.txt'), large);
  });
  const it = test.skipIf(!isThere);
  const itOnce = test.skipIf(name !== 'a folder');

  it('is read by its members and tells others nothing', async () => {
    const bobsKey = String(objects(await succeed(bob, 'member', 'key'))[0]?.recipient);
    const made = objects(await succeed(ann, 'init', '--encrypt', '--recipient', bobsKey));
    expect(made[0]).toMatchObject({ created: true, encrypted: true });
    expect(objects(await succeed(ann, 'session', 'mirror', '--all')).at(-1)).toMatchObject({ sessions: 3, failed: 0 });
    await succeed(ann, 'task', 'add', 't1', '--title', 'Repair the lock', '--spec', 'It takes three hours at most.');
    await succeed(ann, 'memory', 'set', 'word', 'swordfish');
    await succeed(ann, 'send', '@bob', body);
    await writeFile(join(ann.home, 'prices.csv'), 'column,price\n1,2\n');
    await succeed(ann, 'artifact', 'put', 'prices', 'prices.csv');

    const source = await readFile(join(ann.home, transcript), 'utf8');
    expect(await succeed(bob, 'session', 'cat', session)).toBe(source);
    const listed = objects(await succeed(bob, 'session', 'list'));
    expect(listed.map(({ title }) => title)).toContain('Voucher and tax');
    expect(await succeed(bob, 'session', 'verify', '--all')).not.toContain('problem');
    expect(await succeed(bob, 'memory', 'get', 'word')).toContain('swordfish');
    expect(objects(await succeed(bob, 'task', 'show', 't1'))[0]).toMatchObject({ title: 'Repair the lock' });
    expect(await succeed(bob, 'inbox', '--agent', 'bob')).toContain('about the voucher');
    await succeed(bob, 'artifact', 'get', 'prices', 'p.csv');
    expect(await readFile(join(bob.home, 'p.csv'), 'utf8')).toBe('column,price\n1,2\n');

    const stored = await everything(url);
    expect([...stored.keys()].filter((key) => key.endsWith('.age')).length).toBe(5);
    expect([...stored.keys()].filter((key) => key.includes('/blobs/')).length).toBe(3);
    const hashes = [large, body, 'column,price\n1,2\n', source].map((text) =>
      createHash('sha256').update(text).digest('hex'),
    );
    for (const [key, bytes] of stored) {
      for (const text of [key, ...readings(bytes)]) {
        for (const secret of [...plaintext, ...hashes, 'AGE-SECRET-KEY'])
          expect([key, text.includes(secret)]).toEqual([key, false]);
      }
    }
  }, 120_000);

  itOnce(
    'takes writers without an identity, and refuses readers without the right one',
    async () => {
      await succeed(ann, 'init', '--encrypt');
      const writer = await userOf(url);
      await writeSampleHome(writer.home);
      expect(objects(await succeed(writer, 'session', 'mirror', '--all')).at(-1)).toMatchObject({
        sessions: 3,
        failed: 0,
      });
      await appendFile(join(writer.home, transcript), '{"type":"user","message":{"content":"One more."}}\n');
      expect(objects(await succeed(writer, 'session', 'mirror', '--all')).at(-1)).toMatchObject({ parts: 1 });
      const expected = await readFile(join(writer.home, transcript), 'utf8');
      expect(await succeed(ann, 'session', 'cat', session)).toBe(expected);

      expectFailure(
        await writer.run('session', 'list'),
        77,
        /expected an identity for the encrypted project sealed, found none/,
      );
      await succeed(ann, 'index');
      const search = await writer.run('session', 'search', 'voucher');
      expectFailure(search, 77, /expected an identity for the encrypted project sealed, found none/);
      expect(search.stderr).not.toMatch(/Warning|node:/);
      await succeed(bob, 'member', 'key');
      expectFailure(
        await bob.run('session', 'list'),
        77,
        /expected the identity of a member of this project, got that of somebody else/,
      );
      await succeed(bob, 'memory', 'set', 'a', 'b');
      expectFailure(await bob.run('memory', 'get', 'a'), 77, /somebody else/);
      bob.env = { ...bob.env, CAIRN_IDENTITY: join(bob.home, 'none') };
      expectFailure(
        await bob.run('session', 'list'),
        77,
        /expected an identity in .*none, as CAIRN_IDENTITY says, got no file/,
      );
      const file = join(ann.home, '.config/cairn/identity');
      await chmod(file, 0o644);
      expectFailure(await ann.run('session', 'list'), 77, /to be yours alone, got mode 644/);
    },
    120_000,
  );

  itOnce(
    'gives sessions back, with what lies in blobs',
    async () => {
      const bobsKey = String(objects(await succeed(bob, 'member', 'key'))[0]?.recipient);
      await succeed(ann, 'init', '--encrypt', '--recipient', bobsKey);
      await succeed(ann, 'session', 'mirror', '--all');
      const steps = async (...options: readonly string[]) => {
        const [done] = objects(await succeed(bob, 'session', 'resume', session, '--cwd', '.', ...options));
        const files = done?.files as { name?: string; stream: string; action: string }[];
        return files
          .filter(({ stream }) => !stream.startsWith('agent-'))
          .map(({ name, stream, action }) => `${name ?? stream} ${action}`);
      };
      expect(await steps()).toEqual(['tool-results/a.txt create', 'main create']);
      const slug = bob.home.replace(/[^A-Za-z0-9]/g, '-');
      const restored = join(bob.home, '.claude/projects', slug, session, 'tool-results/a.txt');
      expect(await readFile(restored, 'utf8')).toBe(large);
      expect(await steps()).toEqual(['tool-results/a.txt same', 'main same']);
      expect(objects(await succeed(bob, 'session', 'mirror', '--all')).at(-1)).toMatchObject({ parts: 0 });

      const longer = `${large}and this at the end\n`;
      await writeFile(join(ann.home, folder, session, 'tool-results', 'a.txt'), longer);
      await succeed(ann, 'session', 'mirror', '--all');
      expect(await steps()).toEqual(['tool-results/a.txt replace', 'main same']);
      expect(await readFile(restored, 'utf8')).toBe(longer);
      await writeFile(restored, 'of bob alone');
      expect(await steps()).toEqual(['tool-results/a.txt kept', 'main same']);
      expect(await readFile(restored, 'utf8')).toBe('of bob alone');

      const events = objects(await succeed(bob, 'session', 'events', session, '--stream', 'files'));
      const last = events.filter(({ kind }) => kind === 'attachment').at(-1) ?? {};
      const { ref } = last.content as { ref: string };
      expect(await succeed(bob, 'session', 'payload', session, ref)).toBe(longer);
    },
    120_000,
  );

  itOnce(
    'gains and loses members',
    async () => {
      await succeed(ann, 'init', '--encrypt');
      await succeed(ann, 'session', 'mirror', '--all');
      const key = String(objects(await succeed(bob, 'member', 'key'))[0]?.recipient);
      expectFailure(await bob.run('member', 'add', key, '--name', 'bob'), 77, /somebody else/);
      const before = [...(await everything(url)).keys()];
      await succeed(ann, 'member', 'add', key, '--name', 'bob');
      const added = [...(await everything(url)).keys()].filter((name) => !before.includes(name));
      expect(added).toEqual([expect.stringContaining('/meta/keys/')]);
      const old = await readFile(join(ann.home, transcript), 'utf8');
      expect(await succeed(bob, 'session', 'cat', session)).toBe(old);

      const removed = await ann.run('member', 'remove', 'bob');
      expect(removed.stderr).toContain('can still read what was written until now');
      await appendFile(join(ann.home, transcript), '{"type":"user","message":{"content":"Without Bob."}}\n');
      await succeed(ann, 'session', 'mirror', '--all');
      expect(await succeed(ann, 'session', 'cat', session)).toBe(await readFile(join(ann.home, transcript), 'utf8'));
      expectFailure(await bob.run('session', 'cat', session), 77, /somebody else/);
      expectFailure(await ann.run('member', 'remove', 'nobody'), 9, /expected a member, got "nobody"/);
      const [only] = objects(await succeed(ann, 'member', 'list'));
      expectFailure(await ann.run('member', 'remove', String(only?.name)), 2, /expected another member/);
    },
    120_000,
  );

  itOnce(
    'is so from its beginning or not at all',
    async () => {
      await succeed(ann, 'session', 'mirror', '--all');
      expectFailure(await ann.run('init', '--encrypt'), 78, /expected a new project or an encrypted one/);
      expectFailure(await ann.run('member', 'list'), 78, /expected an encrypted project/);
      expectFailure(await ann.run('init', '--recipient', 'age1x'), 2, /expected --encrypt beside --recipient/);
      ann.env = { ...ann.env, CAIRN_PROJECT: 'other' };
      expectFailure(await ann.run('init', '--encrypt', '--recipient', 'ssh-ed25519'), 2, /expected an age recipient/);
    },
    60_000,
  );
});

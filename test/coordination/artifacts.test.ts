import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentBells } from '../../src/coordination/bells.ts';
import { expiryBy } from '../../src/coordination/expiry.ts';
import { givenIdentity } from '../../src/coordination/identity.ts';
import { createProject } from '../../src/coordination/project.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { slotSpace } from '../../src/store/slots.ts';
import { testRuntime } from '../store/runtime.ts';

let folder: string;
const runtime = testRuntime();
const store = memoryStore(runtime);
const space = slotSpace({ store, runtime, project: 'p', ordered: true, verify: 'stale' });
const project = createProject({
  space,
  agent: 'a',
  redact: (text) => text.replaceAll('SECRET', '***'),
  expiry: expiryBy(runtime, { trustClock: true }),
  bells: silentBells,
  identity: givenIdentity({ agent: 'a', process: 'p90s-aaaaaaaaaaaaaaaa-a' }),
});
const { artifacts } = project;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-artifacts-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file comes back as it was, redacted, in each of its versions', async () => {
  const source = join(folder, 'report.txt');
  await writeFile(source, 'one SECRET\n');
  expect(await artifacts.put('report', source)).toMatchObject({ version: 1, files: 1, bytes: 8, source: 'report.txt' });
  await writeFile(source, 'two\n');
  await artifacts.put('report', source);
  await artifacts.get('report', join(folder, 'out'));
  await artifacts.get('report', join(folder, 'old'), { version: 1 });
  expect(await readFile(join(folder, 'out'), 'utf8')).toBe('two\n');
  expect(await readFile(join(folder, 'old'), 'utf8')).toBe('one ***\n');
  await expect(artifacts.get('report', join(folder, 'out'))).rejects.toMatchObject({ code: 'exists' });
  await artifacts.get('report', join(folder, 'out'), { force: true, version: 1 });
  expect(await readFile(join(folder, 'out'), 'utf8')).toBe('one ***\n');
  expect(await artifacts.history('report')).toHaveLength(2);
  await expect(artifacts.get('none', join(folder, 'x'))).rejects.toMatchObject({ code: 'not-found' });
});

test('a folder comes back with its files; links in it are left out and named', async () => {
  const source = join(folder, 'site');
  await mkdir(join(source, 'deep/er'), { recursive: true });
  const binary = Buffer.from([0, 255, 1, 128]);
  await writeFile(join(source, 'deep/er/x.bin'), binary);
  await writeFile(join(source, 'index.html'), '<p>');
  await symlink('/etc/passwd', join(source, 'link'));
  expect(await artifacts.put('site', source)).toMatchObject({ kind: 'folder', files: 2, bytes: 7, skipped: ['link'] });
  await artifacts.get('site', join(folder, 'out'));
  expect(await readFile(join(folder, 'out/deep/er/x.bin'))).toEqual(binary);
  expect((await readdir(join(folder, 'out'))).sort()).toEqual(['deep', 'index.html']);
  await expect(artifacts.get('site', join(folder, 'out'))).rejects.toMatchObject({ code: 'exists' });
});

test('what a bucket says never leads out of the target, and wrong bytes get no name', async () => {
  const good = join(folder, 'good');
  await writeFile(good, 'good');
  await artifacts.put('evil', good);
  const put = async (paths: readonly string[]) => {
    const source = join(folder, 'list.json');
    const { key, sha256, size } = await (await import('../../src/coordination/text.ts')).storeBytes(
      space,
      Buffer.from('good'),
    );
    await writeFile(source, JSON.stringify({ files: paths.map((path) => ({ path, blob: { key, sha256, size } })) }));
    await artifacts.put('list', source);
    const slot = await artifacts.history('list', 1);
    return slot[0]!.version;
  };
  const { Register } = await import('../../src/store/register.ts');
  const { parseArtifact } = await import('../../src/coordination/artifacts.ts');
  const by = { agent: 'm', process: 'm' };
  for (const path of ['../out', '/etc/x', 'a/../../x', 'a//b', '.', '']) {
    await put(['fine', path]);
    const list = await new Register(space, 'artifacts/list', parseArtifact).read();
    const register = new Register(space, 'artifacts/folder', parseArtifact);
    await register.cas(await register.read(), { ...list.value!, name: 'folder', kind: 'folder' }, { by });
    const target = join(folder, 'target');
    await expect(artifacts.get('folder', target)).rejects.toMatchObject({ code: 'corrupt' });
    await expect(stat(target)).rejects.toMatchObject({ code: 'ENOENT' });
  }
  // A folder on the way that is a link: the names are fine, the way is not.
  await put(['sub/file']);
  const list = await new Register(space, 'artifacts/list', parseArtifact).read();
  const register = new Register(space, 'artifacts/folder', parseArtifact);
  await register.cas(await register.read(), { ...list.value!, name: 'folder', kind: 'folder' }, { by });
  await mkdir(join(folder, 'into'));
  await mkdir(join(folder, 'outside'));
  await symlink(join(folder, 'outside'), join(folder, 'into/sub'));
  await expect(artifacts.get('folder', join(folder, 'into'), { force: true })).rejects.toMatchObject({
    code: 'corrupt',
  });
  expect(await readdir(join(folder, 'outside'))).toEqual([]);
  // Other bytes than the ones that the slot names.
  const evil = await new Register(space, 'artifacts/evil', parseArtifact).read();
  await store.overwrite(`p/${evil.value!.blob.key}`, Buffer.from('evil'));
  await expect(artifacts.get('evil', join(folder, 'evil'))).rejects.toMatchObject({ code: 'corrupt' });
  expect((await readdir(folder)).filter((name) => name.includes('evil'))).toEqual([]);
});

test('more than 5 GiB is refused before anything is sent', async () => {
  const source = join(folder, 'large');
  await writeFile(source, '');
  await truncate(source, 5 * 2 ** 30 + 1);
  await expect(artifacts.put('large', source)).rejects.toMatchObject({ code: 'too-large', exitCode: 78 });
});

test('an artifact of a task is noted there, and refused to whoever lost it', async () => {
  const source = join(folder, 'x');
  await writeFile(source, 'x');
  await project.tasks.add('t');
  await project.tasks.claim('t');
  expect(await artifacts.put('x', source, { task: 't', epoch: 1 })).toMatchObject({ task: 't', epoch: 1 });
  expect((await project.tasks.show('t')).artifacts).toEqual(['x']);
  await expect(artifacts.put('x', source, { task: 't', epoch: 2 })).rejects.toMatchObject({ code: 'lost' });
  expect(await artifacts.history('x')).toHaveLength(1);
});

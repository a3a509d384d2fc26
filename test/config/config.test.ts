import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type ConfigHost, loadConfig } from '../../src/config/config.ts';
import { findProjectFile } from '../../src/config/files.ts';
import { nearest } from '../../src/config/nearest.ts';
import { temporaryFolder } from '../mirror/rig.ts';

let home: string;
let host: ConfigHost;
beforeEach(async () => {
  home = await temporaryFolder();
  host = { env: {}, home, cwd: join(home, 'work', 'app'), machine: 'box', login: 'ann', uid: process.getuid?.() };
  await mkdir(host.cwd, { recursive: true });
});
const write = async (path: string, text: string) => {
  await mkdir(join(home, path, '..'), { recursive: true });
  await writeFile(join(home, path), text);
};

describe('settings', () => {
  test('without any set-up', async () => {
    const { values, origins, folders, keyFile } = await loadConfig({}, host);
    expect(values).toEqual({
      bucket: `file://${home}/.local/share/cairn/bucket`,
      project: 'default',
      agent: 'ann@box',
    });
    expect(origins).toEqual({ bucket: 'default', project: 'default', agent: 'default' });
    expect(folders.state).toBe(join(home, '.local/state/cairn/box'));
    expect(keyFile).toBe(join(home, '.config/cairn/key'));
  });

  test('[mirror]: what is of the whole host stands in the user file alone', async () => {
    await write('.config/cairn/config.toml', '[mirror]\nexclude = ["~/x"]\nbudget = 400\n');
    await write('work/.cairn.toml', '[mirror]\nenabled = false\n');
    expect((await loadConfig({}, host)).mirror).toEqual({ exclude: ['~/x'], budget: 400 });
    for (const line of ['budget = 400', 'exclude = []']) {
      await write('work/.cairn.toml', `[mirror]\n${line}\n`);
      await expect(loadConfig({}, host)).rejects.toThrow(/expected no mirror.exclude and mirror.budget in/);
    }
    for (const [line, message] of Object.entries({
      'budget = 3': /expected at least 20 at mirror.budget/,
      'exclude = "x"': /mirror.exclude/,
      'enable = true': /mirror.enable/,
    })) {
      await write('work/.cairn.toml', `[mirror]\n${line}\n`);
      await expect(loadConfig({}, host)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringMatching(message),
      });
    }
  });

  test('option, environment, project file, user file, git, default: in this order', async () => {
    await write('.config/cairn/config.toml', 'bucket = "s3://user"\nproject = "user"\nagent = "user"\nuser = "User"\n');
    await write('.gitconfig', '[core]\n\tname = Not This\n[user]\n\temail = a@b\n\tname = "Ann Git"\n');
    await write('work/.cairn.toml', 'bucket = "s3://project"\nproject = "project"\n');
    host = { ...host, env: { CAIRN_BUCKET: 's3://environment', CAIRN_PROJECT: '' } };
    const { values, origins, projectFile } = await loadConfig({ agent: 'flag' }, host);
    expect(values).toEqual({ bucket: 's3://environment', project: 'project', agent: 'flag', user: 'User' });
    expect(origins).toEqual({
      bucket: 'CAIRN_BUCKET',
      project: projectFile,
      agent: '--agent',
      user: join(home, '.config/cairn/config.toml'),
    });
    await write('.config/cairn/config.toml', '');
    const without = await loadConfig({}, host);
    expect(without.values.user).toBe('Ann Git');
    expect(without.origins.user).toBe('git');
  });

  test('XDG folders and CAIRN_STATE move everything; relative ones are ignored', async () => {
    const env = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative', XDG_STATE_HOME: '/s', CAIRN_STATE: undefined };
    const moved = await loadConfig({}, { ...host, env });
    expect(moved.folders).toEqual({
      config: '/c/cairn',
      data: join(home, '.local/share/cairn'),
      state: '/s/cairn/box',
    });
    expect((await loadConfig({}, { ...host, env: { ...env, CAIRN_STATE: '/x' } })).folders.state).toBe('/x');
  });

  test.each([
    ['buckets = "s3://x"', /unknown key "buckets"/, 'did you mean bucket?'],
    ['zzzzzz = 1', /unknown key "zzzzzz"/, /known are bucket/],
    ['project = 7', /text for project in .*\.cairn\.toml, got 7/, /quotes/],
    ['project = "', /line 1/, /correct that line/],
    ['bucket = "http://x"', /s3:\/\/bucket/, /correct bucket in .*\.cairn\.toml/],
    ['project = "a\\u0007b"', /control characters/, /correct project/],
    ['project = ""', /got nothing/, /correct project/],
  ])('%s is refused', async (text, message, hint) => {
    await write('work/.cairn.toml', text);
    const error = await loadConfig({}, host).catch((e) => e);
    expect(error).toMatchObject({ code: 'config', exitCode: 2 });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(error.hint).toMatch(hint);
  });

  test('credentials in a URL are refused', async () => {
    const url = `s3://${'key:word'}@bucket`;
    await expect(loadConfig({ bucket: url }, host)).rejects.toMatchObject({
      code: 'config',
      hint: 'correct bucket in --bucket',
    });
  });

  test('names are composed', async () => {
    expect((await loadConfig({ project: 'e\u0301' }, host)).values.project).toBe('\u00e9');
  });

  test('a project file of another user is refused: it says where sessions go', async () => {
    await write('work/.cairn.toml', '');
    const path = join(home, 'work/.cairn.toml');
    if (process.getuid?.() === 0) await chown(path, 4321, 4321);
    const { uid } = await stat(path);
    expect(await findProjectFile(host.cwd, uid)).toBe(path);
    await expect(findProjectFile(host.cwd, uid + 1)).rejects.toMatchObject({ code: 'config' });
    expect(await findProjectFile(host.cwd, 0)).toBe(path);
    expect(await findProjectFile(home, uid)).not.toBe(path);
  });

  test.runIf(process.getuid?.() !== 0)('a file that may not be read', async () => {
    await write('work/.cairn.toml', '');
    await chmod(join(home, 'work/.cairn.toml'), 0);
    await expect(loadConfig({}, host)).rejects.toMatchObject({ code: 'denied', exitCode: 77 });
  });
});

test('the nearest word', () => {
  const words = ['bucket', 'project', 'agent', 'user'];
  expect(nearest('buckt', words)).toBe('bucket');
  expect(nearest('Projet', words)).toBe('project');
  expect(nearest('usr', words)).toBe('user');
  expect(nearest('something', words)).toBeUndefined();
  expect(nearest('b'.repeat(100_000), words)).toBeUndefined();
});

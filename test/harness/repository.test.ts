import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryName, repositoryOf } from '../../src/harness/index.ts';
import { temporaryFolder } from './support.ts';

function place(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

test('all URLs of one repository give one name', () => {
  for (const url of [
    'git@github.com:acme/web-app.git',
    'github.com:acme/web-app',
    'ssh://git@github.com/acme/web-app.git',
    'ssh://git@GitHub.com:22/acme/web-app/',
    'https://github.com/acme/web-app.git',
    `https://someone:${'pass'}word@github.com/acme/web-app`,
    'git://github.com/acme/web-app.git',
    'git+ssh://git@github.com/acme/web-app.git',
  ]) {
    expect(repositoryName(url)).toBe('github.com/acme/web-app');
  }
  expect(repositoryName('https://git.example.org:8443/group/sub/project.git')).toBe(
    'git.example.org/group/sub/project',
  );
});

test('what is no remote address gives no name', () => {
  for (const url of [
    '',
    '/srv/git/app.git',
    '../app',
    'C:\\code\\app',
    'C:/code/app',
    'file:///srv/app.git',
    'https://',
    'x y:z',
  ]) {
    expect(repositoryName(url)).toBe(undefined);
  }
});

test('reads remote, branch and commit of a checkout, from any folder in it', async () => {
  const root = temporaryFolder();
  const commit = '0123456789abcdef0123456789abcdef01234567';
  place(root, {
    '.git/HEAD': 'ref: refs/heads/feature/one\n',
    '.git/refs/heads/feature/one': `${commit}\n`,
    '.git/config': `[core]\n\tbare = false\n[remote "fork"]\n\turl = git@example.org:me/app.git\n[remote "origin"]\n\turl = https://u:${'p'}@example.org/acme/app.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch "x"]\n\tremote = fork\n`,
    'src/deep/file': '',
  });
  const found = { root, name: 'example.org/acme/app', branch: 'feature/one', commit };
  expect(await repositoryOf(root)).toEqual(found);
  expect(await repositoryOf(join(root, 'src/deep'))).toEqual(found);
  expect(await repositoryOf(join(root, 'not/there'))).toEqual(found);
});

test('a worktree and a packed ref lead to the same repository', async () => {
  const root = temporaryFolder();
  const commit = 'abcdef0123456789abcdef0123456789abcdef01';
  place(root, {
    'app/.git/HEAD': `${commit}\n`,
    'app/.git/config': '[remote "upstream"]\n  url = git@example.org:acme/app.git\n',
    'app/.git/packed-refs': `# pack-refs with: peeled fully-peeled sorted\n${commit} refs/heads/side\n`,
    'app/.git/worktrees/side/HEAD': 'ref: refs/heads/side\n',
    'app/.git/worktrees/side/commondir': '../..\n',
    'side/.git': `gitdir: ${join(root, 'app/.git/worktrees/side')}\n`,
  });
  expect(await repositoryOf(join(root, 'side'))).toEqual({
    root: join(root, 'side'),
    name: 'example.org/acme/app',
    branch: 'side',
    commit,
  });
  expect(await repositoryOf(join(root, 'app'))).toEqual({
    root: join(root, 'app'),
    name: 'example.org/acme/app',
    commit,
  });
});

test('a repository without remote or commits is one all the same, and a plain folder is none', async () => {
  const root = temporaryFolder();
  place(root, { 'app/.git/HEAD': 'ref: refs/heads/main\n', 'app/.git/config': '', 'plain/file': '' });
  expect(await repositoryOf(join(root, 'app'))).toEqual({ root: join(root, 'app'), branch: 'main' });
  expect(await repositoryOf(join(root, 'plain'))).toBe(undefined);
  place(root, { 'odd/.git/HEAD': 'ref: refs/heads/../../../../secret\n' });
  expect((await repositoryOf(join(root, 'odd')))?.commit).toBe(undefined);
});

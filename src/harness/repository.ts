import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { absent } from './byte-source.ts';

/** The git repository of a folder, as its files say. */
export interface Repository {
  /** Top folder of this checkout. */
  readonly root: string;
  /** `host/owner/name` of the remote `origin`, else of the first remote: equal for all checkouts. */
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
}

/** Looks for a repository from `folder` upwards, without running git; nothing where there is none. */
export async function repositoryOf(folder: string): Promise<Repository | undefined> {
  for (let root = resolve(folder); ; root = dirname(root)) {
    const git = await gitFolder(join(root, '.git'));
    if (git !== undefined) return describe(root, git);
    if (dirname(root) === root) return undefined;
  }
}

/**
 * A remote's URL as `host/owner/name`: ssh, scp-like, https and git URLs of one repository give one
 * name; credentials, port and `.git` are left out. A local path or nonsense gives nothing.
 */
export function repositoryName(url: string): string | undefined {
  const scp = /^(?:[^@/\s]+@)?([\w.-]+):(?!\/\/)(?:\/)?([^\s]+)$/.exec(url);
  const address = /^[a-z][a-z+]*:\/\/(?:[^@/\s]*@)?([\w.-]+)(?::\d+)?\/([^\s?#]+)/i.exec(url);
  const [, host, path] = address ?? scp ?? [];
  if (host === undefined || path === undefined || /^file:/i.test(url)) return undefined;
  // One letter before a colon is a drive.
  if (address === null && host.length === 1) return undefined;
  const name = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return name === '' ? undefined : `${host.toLowerCase()}/${name}`;
}

/** The folder that `.git` is, or that it names as a file (worktree, submodule). */
async function gitFolder(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(unreadable);
  if (found?.isDirectory()) return path;
  const target = found?.isFile() ? /^gitdir: (.+)$/m.exec((await text(path)) ?? '')?.[1] : undefined;
  return target === undefined ? undefined : resolve(dirname(path), target.trim());
}

async function describe(root: string, git: string): Promise<Repository> {
  const common = resolve(git, (await text(join(git, 'commondir')))?.trim() ?? '.');
  const url = originOf((await text(join(common, 'config'))) ?? '');
  const name = url === undefined ? undefined : repositoryName(url);
  const head = (await text(join(git, 'HEAD')))?.trim() ?? '';
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  const branch = ref?.replace(/^refs\/heads\//, '');
  const commit = ref === undefined ? head : await commitOf(git, common, ref);
  return {
    root,
    ...(name !== undefined && { name }),
    ...(branch !== undefined && { branch }),
    ...(commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) && { commit }),
  };
}

async function commitOf(git: string, common: string, ref: string): Promise<string | undefined> {
  if (!/^refs\/[^\0]+$/.test(ref) || ref.includes('..')) return undefined;
  const loose = (await text(join(git, ref))) ?? (await text(join(common, ref)));
  if (loose !== undefined) return loose.trim();
  const packed = (await text(join(common, 'packed-refs'))) ?? '';
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];
}

function originOf(config: string): string | undefined {
  let remote: string | undefined;
  let first: string | undefined;
  for (const line of config.split('\n')) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) remote = /^remote\s+"(.*)"$/.exec(section)?.[1];
    const url = remote === undefined ? undefined : /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1];
    if (url !== undefined && remote === 'origin') return url;
    first ??= url;
  }
  return first;
}

/** A file of a repository as text; nothing where it is not, or may not be read: then less is known. */
async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(unreadable);
}

function unreadable(cause: unknown): undefined {
  const code = (cause as NodeJS.ErrnoException)?.code;
  return code === 'EACCES' || code === 'EISDIR' ? undefined : absent(cause);
}

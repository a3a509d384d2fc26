import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'smol-toml';
import { type App, openApp, thisHost } from '../app.ts';
import { projectFile, readSettings } from '../config/files.ts';
import { CairnError } from '../errors.ts';
import { replaceFile } from '../mirror/durable-file.ts';
import { openIdentity, openKeyRegister } from '../secrets.ts';
import { ensureFormat, findFormat } from '../store/format.ts';
import { checkRecipient } from '../store/project-keys.ts';
import { writeStoreInfo } from '../store/store-info.ts';
import type { Context } from './command.ts';
import { isOpenToAll, probe } from './probe.ts';

/** What `cairn init` did. Shape is law for `--json`: docs/json.md. */
export interface Initialised {
  readonly file: string;
  readonly bucket: string;
  readonly project: string;
  /** The file was written. */
  readonly changed: boolean;
  /** The project was not there before. */
  readonly created: boolean;
  /** Everything in it is encrypted for its members. */
  readonly encrypted: boolean;
  /** Anyone can read it, without credentials. */
  readonly public: boolean;
  /** Line added to `.gitignore`, or null. */
  readonly ignored: string | null;
}

export interface InitOptions {
  readonly force: boolean;
  readonly singleWriter: boolean;
  /** Members beside this user of a project to be encrypted; `undefined`: it is not. */
  readonly encryptFor?: readonly string[] | undefined;
}

/**
 * Makes or joins a project, then writes `.cairn.toml` into the repository, or the current folder. The file
 * comes last and whole: what fails before leaves none.
 * @throws CairnError `config`, `unfit`, `denied`, and of the store
 */
export async function initProject(flags: Context['flags'], options: InitOptions): Promise<Initialised> {
  const host = thisHost();
  const app = await openApp(flags, host);
  try {
    const { bucket, project } = app.config.values;
    const folder = (await app.repositoryOf(host.cwd))?.root ?? host.cwd;
    const file = join(folder, projectFile);
    const before = (await readSettings(file))?.values;
    const same = before?.bucket === bucket && (before?.project ?? 'default') === project;
    if (before && !same && !options.force) {
      throw new CairnError(
        'config',
        `expected ${file} to be new or to say the same, got bucket ${before.bucket ?? '(none)'}, project ${before.project ?? '(none)'}`,
        {
          hint: 'edit that file, or give --force to replace it',
        },
      );
    }
    const { created, encrypted } = await openProject(app, options);
    const open = await isOpenToAll(app);
    const ignored = await ignoreBucket(app, folder, bucket);
    if (!same) await replaceText(app, file, stringify({ ...before, bucket, project }));
    return { file, bucket, project, changed: !same, created, encrypted, public: open, ignored };
  } finally {
    await app.close();
  }
}

/** Probes the store and sees that the project is there, as it was wanted. */
async function openProject(
  app: App,
  { singleWriter, encryptFor }: InitOptions,
): Promise<{ readonly created: boolean; readonly encrypted: boolean }> {
  const { store, project, runtime } = app;
  const before = await findFormat(store, project);
  if (encryptFor && before && !before.encrypted) throw alreadyPlain(project);
  const probed = await probe(app);
  if (!probed.fit && !singleWriter) {
    throw new CairnError(
      'unfit',
      `expected a store that creates an object once, got one that fails: ${probed.failed.join(', ')}`,
      {
        hint: 'use another store; or, if only one host and process will ever write there, --single-writer',
      },
    );
  }
  if (encryptFor && !before) await createKeys(app, encryptFor);
  const { encrypted } = await ensureFormat(store, project, runtime, { encrypted: encryptFor !== undefined });
  if (encryptFor && !encrypted) throw alreadyPlain(project);
  await writeStoreInfo(store, project, { ...probed, at: new Date(runtime.now()).toISOString() });
  return { created: !before, encrypted };
}

/** The keys come before the format that demands them: whoever finds the project encrypted finds them. */
async function createKeys(app: App, recipients: readonly string[]): Promise<void> {
  const { agent } = app.config.values;
  const { recipient } = await openIdentity(app);
  const others = [...new Set(recipients)].filter((other) => other !== recipient);
  for (const other of others) checkRecipient(other);
  const members = [{ name: agent, recipient }, ...others.map((other) => ({ name: other, recipient: other }))];
  await (await openKeyRegister(app)).create(members);
}

function alreadyPlain(project: string): CairnError {
  return new CairnError('unfit', `expected a new project or an encrypted one, got ${project} without encryption`, {
    hint: 'a project is encrypted from its beginning or not at all: choose another --project',
  });
}

/** A bucket inside of a checkout is not for its history. Gives the line that was added. */
async function ignoreBucket(app: App, folder: string, bucket: string): Promise<string | null> {
  const repository = await app.repositoryOf(folder);
  const path = bucket.startsWith('file:') && repository ? relative(repository.root, fileURLToPath(bucket)) : '';
  if (!repository || path === '' || path.startsWith('..') || isAbsolute(path)) return null;
  const line = `/${path.split(/[\\/]/).join('/')}/`;
  const file = join(repository.root, '.gitignore');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw new CairnError('denied', `expected to read ${file}, got ${cause.code}`, { cause });
  });
  const variants = new Set([line, line.slice(1), line.slice(0, -1), line.slice(1, -1)]);
  if (text.split(/\r?\n/).some((known) => variants.has(known.trim()))) return null;
  await replaceText(app, file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
  return line;
}

/** A file of the project: its mode is the user's to choose, so it is written as any other program would. */
function replaceText(app: App, file: string, text: string): Promise<void> {
  return replaceFile(file, text, `${file}.${app.runtime.id()}`);
}

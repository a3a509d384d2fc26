import { access, constants, mkdir, stat } from 'node:fs/promises';
import { type App, type Host, openApp, openConfig, openState, sessionsOnHost, thisHost } from '../app.ts';
import type { Config } from '../config/config.ts';
import { CairnError } from '../errors.ts';
import { drift, emptySummary } from '../harness/index.ts';
import type { Harness, SessionRef, SessionSummary } from '../harness/types.ts';
import { sourceKey } from '../mirror/source-key.ts';
import { foldLines } from '../mirror/summary.ts';
import { openKey } from '../secrets.ts';
import { compareCatalog } from '../sessions/parity.ts';
import { checkFormat } from '../store/format.ts';
import { projectPrefix } from '../store/keys.ts';
import { writeStoreInfo } from '../store/store-info.ts';
import type { Context } from './command.ts';
import { failureObject } from './failure.ts';
import { isOpenToAll, probe } from './probe.ts';
import { count } from './text.ts';

/** One thing that was looked at. Shape is law for `--json`: docs/json.md. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'failed';
  readonly found: string;
  /** What to do. */
  readonly hint?: string;
  /** Exit code that a failure stands for. */
  readonly exit?: number;
}

/** Looks at everything that Cairn rests on; no check hides another. */
export async function* diagnose(flags: Context['flags'], options: { readonly probe: boolean }): AsyncGenerator<Check> {
  const host = thisHost();
  yield checkNode();
  yield await checkSqlite();
  const config = await attempt(() => openConfig(flags, host));
  if (config instanceof Failed) return yield config.as('settings');
  yield { name: 'settings', state: 'ok', found: origins(config) };
  yield await checkKey(config, host);
  const app = await attempt(() => openApp(flags, host));
  if (app instanceof Failed) return yield app.as('store');
  try {
    yield await checkState(app);
    yield* checkStore(app, options.probe);
    for (const harness of app.harnesses) yield* checkHarness(app, harness);
  } finally {
    await app.close();
  }
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const name = 'node';
  const found = process.version;
  if (major > 20 || (major === 20 && minor >= 19)) return { name, state: 'ok', found };
  return { name, state: 'failed', found, hint: 'install Node 20.19 or newer' };
}

/** Which engine reads the agents that keep their sessions in SQLite. */
async function checkSqlite(): Promise<Check> {
  const native = process.getBuiltinModule?.('node:sqlite' as 'node:fs') !== undefined;
  return { name: 'sqlite', state: 'ok', found: native ? 'of this Node' : 'sql.js, on a copy of the database' };
}

function origins({ origins: from }: Config): string {
  return `bucket from ${from.bucket}, project from ${from.project}; \`cairn config\` shows all`;
}

async function checkKey(config: Config, host: Host): Promise<Check> {
  const name = 'key';
  const found = await stat(config.keyFile).catch(() => undefined);
  if (!found) return { name, state: 'ok', found: `${config.keyFile}: made at first use` };
  if (host.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    return {
      name,
      state: 'warn',
      found: `${config.keyFile} can be read by others (mode ${mode})`,
      hint: `chmod 600 ${config.keyFile}`,
    };
  }
  return { name, state: 'ok', found: config.keyFile };
}

/** Can be written, and how much of it waits for something. */
async function checkState(app: App): Promise<Check> {
  const name = 'state';
  const folder = app.config.folders.state;
  const looked = await attempt(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    const state = await openState(app);
    let sessions = 0;
    let unsettled = 0;
    for (const { name: harness } of app.harnesses) {
      for await (const { quiet, meta } of state.sessions(harness)) {
        sessions++;
        if (quiet === undefined && meta?.state !== 'gone') unsettled++;
      }
    }
    return { sessions, unsettled, mirror: state.mirror };
  });
  if (looked instanceof Failed) return looked.as(name, 'make it writable, or set CAIRN_STATE to a folder that is');
  const open = looked.unsettled > 0 ? `, ${looked.unsettled} with something left to ship` : '';
  return {
    name,
    state: 'ok',
    found: `${folder}: ${count(looked.sessions, 'session')} known${open}; mirror ${looked.mirror}`,
  };
}

async function* checkStore(app: App, withProbe: boolean): AsyncGenerator<Check> {
  const { store, project, runtime } = app;
  const before = runtime.now();
  const reached = await attempt(async () => {
    for await (const entry of store.list(projectPrefix(project), { max: 1 })) return entry;
    return undefined;
  });
  if (reached instanceof Failed) return yield reached.as('store');
  yield { name: 'store', state: 'ok', found: `${store.url} answers in ${runtime.now() - before} ms` };
  const format = await attempt(() => checkFormat(store, project));
  if (format instanceof Failed) return yield format.as('project');
  yield {
    name: 'project',
    state: 'ok',
    found: format === 'present' ? project : `${project}: made with the first session`,
  };
  if (store.url.startsWith('s3:')) yield await checkAccess(app);
  yield await checkCatalog(app);
  if (!withProbe) return;
  const probed = await attempt(() => probe(app));
  if (probed instanceof Failed) return yield probed.as('conditions');
  if (format === 'present') {
    const told = await attempt(() =>
      writeStoreInfo(store, project, { ...probed, at: new Date(runtime.now()).toISOString() }),
    );
    if (told instanceof Failed) yield told.as('store');
  }
  if (!probed.fit) {
    yield {
      name: 'conditions',
      state: 'failed',
      found: probed.failed.join('; '),
      hint: 'coordination is refused here; mirroring wants --single-writer, and that nobody else writes. Better: a store that keeps If-None-Match',
      exit: 78,
    };
  } else if (probed.failed.length > 0) {
    yield {
      name: 'conditions',
      state: 'warn',
      found: probed.failed.join('; '),
      hint: 'it works, but costs more requests',
    };
  } else yield { name: 'conditions', state: 'ok', found: 'an object is created once, reads and lists see it at once' };
  yield await checkClock(app);
}

async function checkAccess(app: App): Promise<Check> {
  const name = 'access';
  if (!(await isOpenToAll(app))) return { name, state: 'ok', found: 'strangers are refused' };
  return {
    name,
    state: 'warn',
    found: 'anyone can read this project, without credentials',
    hint: "close the bucket to the public: transcripts are nobody else's",
  };
}

/** What the catalog says against what lies there, and whether all that a session departs from does. */
async function checkCatalog({ store, project }: App): Promise<Check> {
  const name = 'catalog';
  const compared = await attempt(() => compareCatalog(store, project));
  if (compared instanceof Failed) return compared.as(name);
  const { listed, missing, gone, orphans, problems } = compared;
  const wrong = [
    ...problems,
    ...(missing > 0 ? [`${count(missing, 'session')} of the bucket not in the catalog`] : []),
    ...(gone > 0 ? [`${count(gone, 'session')} of the catalog not in the bucket`] : []),
    ...(orphans > 0 ? [`${count(orphans, 'session')} whose base is not in the bucket`] : []),
  ];
  if (wrong.length === 0) return { name, state: 'ok', found: `${count(listed, 'session')}, as the bucket has them` };
  const hint = '`cairn session list --rebuild` shows what is there; a base comes with `cairn session mirror --all`';
  return { name, state: 'warn', found: wrong.join('; '), hint };
}

/** The store's clock against this host's: shown ages and waits suffer where they differ, nothing else. */
async function checkClock({ store, project, runtime }: App): Promise<Check> {
  const name = 'clock';
  const asked = await attempt(async () => {
    for await (const entry of store.list(projectPrefix(project), { max: 1 })) if ('date' in entry) return entry.date;
    return undefined;
  });
  if (asked instanceof Failed) return asked.as(name);
  if (asked === undefined) return { name, state: 'ok', found: 'not compared: the project is empty' };
  const skew = Math.round((runtime.now() - asked) / 1000);
  const found =
    Math.abs(skew) < 2 ? 'as the store has it' : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the store`;
  if (Math.abs(skew) <= 60) return { name, state: 'ok', found };
  return { name, state: 'warn', found, hint: 'set the clock of this host (NTP): S3 refuses requests 15 minutes off' };
}

async function* checkHarness(app: App, harness: Harness): AsyncGenerator<Check> {
  const { name } = harness;
  const roots = harness.roots(app.environment).join(', ');
  const { found, problems } = await sessionsOnHost(app, harness);
  if (problems.length > 0) {
    yield {
      name,
      state: 'warn',
      found: `${count(problems.length, 'file')} cannot be read, the first is ${problems[0]}`,
      hint: 'give this user access, or leave them out: the others are mirrored',
    };
  }
  const newest = found.reduce((a, b) => (a && a.ref.modified >= b.ref.modified ? a : b), found[0]);
  if (!newest) return yield { name, state: 'ok', found: `no sessions in ${roots}` };
  const summary = await attempt(() => firstSummary(app, harness, newest.ref));
  if (summary instanceof Failed) return yield summary.as(name);
  const about = `${count(found.length, 'session')} in ${roots}`;
  const { agentVersion = newest.ref.agentVersion, schema = newest.ref.schema } = summary;
  const [first, ...others] = drift({ ...summary, agentVersion, schema }, harness);
  if (first) {
    const said = [first, ...others].map((sign) => sign.found).join('; ');
    yield { name, state: 'warn', found: `${about}: ${said}`, hint: first.hint };
  } else yield { name, state: 'ok', found: agentVersion === undefined ? about : `${about}, version ${agentVersion}` };
}

/** What the first records of a session say. */
async function firstSummary(app: App, harness: Harness, ref: SessionRef): Promise<SessionSummary> {
  const stream = ref.streams.find(({ name }) => name === 'main');
  if (!stream) return emptySummary;
  const options = {
    key: sourceKey(await openKey(app)),
    chunkBytes: 256 << 10,
    blob: async () => ({ sha256: '', size: 0 }),
  };
  for await (const chunk of harness.read(stream, undefined, options)) {
    return foldLines(harness, stream.name, emptySummary, chunk.bytes);
  }
  return emptySummary;
}

/** A check that could not be made. */
class Failed {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  as(name: string, otherwise = 'see the message'): Check {
    const { message, hint = otherwise, exit } = failureObject(this.#error);
    return { name, state: 'failed', found: message, hint, exit };
  }
}

async function attempt<T>(step: () => Promise<T>): Promise<T | Failed> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof CairnError || (error as NodeJS.ErrnoException).code !== undefined) return new Failed(error);
    throw error;
  }
}

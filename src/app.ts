import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { slugOf } from '../harnesses/claude-code/restoring.ts';
import { harnesses } from '../harnesses/index.ts';
import { type Host, openConfig, systemRuntime, thisHost } from './app-host.ts';
import type { Config } from './config/config.ts';
import type { SettingSource } from './config/settings.ts';
import type { ProjectChoices } from './coordination/join.ts';
import type { Project } from './coordination/project.ts';
import { CairnError } from './errors.ts';
import { loadHarnesses } from './external-harnesses.ts';
import { type Repository, repositoryOf } from './harness/index.ts';
import type { Harness, HarnessEnvironment, SessionKind } from './harness/types.ts';
import { byteBudget } from './mirror/byte-budget.ts';
import { checkedProject } from './mirror/checked-project.ts';
import { type Consent, openConsent } from './mirror/consent.ts';
import { discoverSessions } from './mirror/discover.ts';
import { isInBucket, sessionsInBucket } from './mirror/listed-sessions.ts';
import type { MirrorRun } from './mirror/mirror.ts';
import { hostProcesses } from './mirror/processes.ts';
import type { Found } from './mirror/scope.ts';
import { sourceKey } from './mirror/source-key.ts';
import { ProjectState } from './mirror/state-folder.ts';
import { writableStore } from './mirror/writable-store.ts';
import { choosePreparers } from './preparers.ts';
import type { Runtime } from './runtime.ts';
import { type Entropy, openKey, readIdentities, readRedaction, withEntropy } from './secrets.ts';
import { parseWanted } from './sessions/resolve.ts';
import { type Counts, withCount } from './store/count.ts';
import { withLimit } from './store/limit.ts';
import { openStore } from './store/open.ts';
import { withRetry } from './store/retry.ts';
import { sealedStore } from './store/sealed-store.ts';
import { projectSealing } from './store/sealing.ts';
import type { BucketStore } from './store/types.ts';
import { version } from './version.ts';

export { type Host, openConfig, systemRuntime, thisHost } from './app-host.ts';

/** Bytes of records held by all sessions of a run together. */
const MEMORY_BYTES = 16 << 20;
/** A part holds so much, or one record that is larger. */
const PART_BYTES = 8 << 20;
const REQUESTS_AT_ONCE = 16;

/** Everything that the commands need, put together once. */
export interface App {
  readonly host: Host;
  readonly config: Config;
  readonly runtime: Runtime;
  readonly harnesses: readonly Harness[];
  readonly environment: HarnessEnvironment;
  readonly project: string;
  /** For reading; writers take `writing`. */
  readonly store: BucketStore;
  /** Objects as they are stored, also of an encrypted project: for copies of them. */
  readonly bucket: BucketStore;
  /** The store for a writer: it sees to the project's format before the first write. */
  writing(options?: { readonly singleWriter?: boolean }): BucketStore;
  /** Folder and remote of the checkout that a folder is in. */
  repositoryOf(folder: string): Promise<Repository | undefined>;
  /** Requests to the store so far, the failed ones included. */
  requests(): number;
  /** The same by class, with bytes. */
  traffic(): Counts;
  close(): Promise<void>;
}

/** What of a run of the mirror a user can choose. */
export interface MirrorChoices {
  /** Names; default all. */
  readonly harness?: readonly string[];
  readonly all?: boolean;
  /** Id, unique beginning of one, or either behind `harness/`. */
  readonly session?: string;
  readonly latest?: number;
  readonly kinds?: readonly SessionKind[];
  /** Milliseconds since 1970. */
  readonly since?: number;
  /** Sessions of this folder's repository, unless `all` or `session` says otherwise; default the current one. */
  readonly cwd?: string;
  /** Default true. */
  readonly redact?: boolean;
  /** In place of what the configuration says. */
  readonly entropy?: Entropy;
  /** gzip level 0 to 9; default 3. */
  readonly compress?: number;
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly singleWriter?: boolean;
  /** Side files that are kept only on request. */
  readonly fileHistory?: boolean;
  readonly dryRun?: boolean;
  /** The chosen sessions have ended. */
  readonly end?: boolean;
  readonly signal?: AbortSignal;
}

/** Opens the bucket that is set. @throws CairnError `config`, `denied`, `unfit` */
export async function openApp(flags: SettingSource['values'] = {}, host: Host = thisHost()): Promise<App> {
  const config = await openConfig(flags, host);
  const runtime = systemRuntime();
  const { project } = config.values;
  // Innermost the counter, or repeated requests would not be seen.
  const counted = withCount(await openStore(config.values.bucket, { env: host.env, runtime }));
  const bucket = withRetry(withLimit(counted, REQUESTS_AT_ONCE), { runtime });
  const checked = checkedProject(join(config.folders.state, 'checked'), bucket.url, project, runtime);
  const sealing = projectSealing({
    store: bucket,
    project,
    runtime,
    agent: config.values.agent,
    encrypted: checked.encrypted,
    learned: checked.learned,
    identities: () => readIdentities({ config, host }),
  });
  const store = sealedStore(bucket, project, sealing);
  const repositories = new Map<string, Promise<Repository | undefined>>();
  return {
    host,
    config,
    runtime,
    harnesses: [
      ...harnesses,
      ...(await loadHarnesses(
        config.harnesses,
        harnesses.map(({ name }) => name),
      )),
    ],
    environment: { env: host.env, home: host.home, platform: host.platform },
    project,
    store,
    bucket,
    writing: ({ singleWriter = false } = {}) =>
      writableStore(store, {
        project,
        runtime,
        singleWriter,
        checked,
      }),
    repositoryOf(folder) {
      const found = repositories.get(folder) ?? repositoryOf(folder);
      repositories.set(folder, found);
      return found;
    },
    traffic: () => counted.counts(),
    requests: () => Object.values(counted.counts()).reduce((sum, traffic) => sum + traffic.requests, 0),
    close: () => store.close(),
  };
}

/** This host's state for the bucket and project. @throws CairnError `denied`, `disk-full` */
export async function openState({ config, project, store, runtime }: App): Promise<ProjectState> {
  const processes = await hostProcesses(process.pid, process.kill);
  return ProjectState.open(config.folders.state, { bucket: store.url, project }, runtime, processes);
}

/** A run of the mirror, ready for `mirrorOnce`. @throws CairnError `usage`, `config`, `denied`, `disk-full` */
export async function prepareMirror(app: App, choices: MirrorChoices): Promise<MirrorRun> {
  const { config, runtime, project, host, environment } = app;
  const wanted = choices.session === undefined ? undefined : parseWanted(choices.session);
  const names = wanted?.harness === undefined ? choices.harness : [wanted.harness];
  const chosen = names === undefined ? app.harnesses : names.map((name) => harnessOf(app, name));
  const key = await openKey(app);
  const state = await openState(app);
  const store = app.writing({ singleWriter: choices.singleWriter ?? false });
  const folder = choices.cwd ?? host.cwd;
  const { all, latest, since, kinds, dryRun, end, signal } = choices;
  const { agent, user } = config.values;
  const redaction = choices.redact === false ? 'none' : withEntropy(await readRedaction(app), choices.entropy);
  const compress = choices.compress ?? 3;
  return {
    store,
    runtime,
    project,
    state,
    environment,
    key: sourceKey(key),
    preparers: choosePreparers({ redaction, compress, external: config.harnesses }),
    writer: {
      mirror: state.mirror,
      host: host.machine,
      // By default it holds the login name, which is not for everyone who reads the bucket.
      ...(config.origins.agent !== 'default' && { agent }),
      version: version(),
    },
    user,
    compress,
    chunkBytes: PART_BYTES,
    minBytes: choices.minBytes ?? 0,
    maxWaitMs: choices.maxWaitMs ?? 30_000,
    budget: byteBudget(MEMORY_BYTES),
    known: all ? sessionsInBucket(store, runtime) : (address) => isInBucket(store, address),
    repositoryOf: async (path) => (await app.repositoryOf(path))?.name,
    signal,
    scope: {
      harnesses: chosen,
      cwd: (await app.repositoryOf(folder))?.root ?? folder,
      ...(all !== undefined && { all }),
      ...(wanted && { session: wanted.id }),
      ...(latest !== undefined && { latest }),
      ...(since !== undefined && { since }),
      ...(kinds && { kinds }),
      consent: consentOf(app),
    },
    extras: choices.fileHistory ?? false,
    concurrency: 8,
    exists: isReadable,
    ...(end !== undefined && { end }),
    ...(dryRun !== undefined && { dryRun }),
  };
}

/** The Claude Agent SDK's name for a working directory: that of claude-code's project folder. */
export const projectKeyOf = slugOf;

/** Which sessions may leave this host; opens one pass over them. @throws CairnError `config` */
export function consentOf({ host: { env, home, uid }, config }: App): () => Consent {
  const { exclude = [], enabled = true } = config.mirror;
  return openConsent({ env, home, uid, exclude, enabled });
}

/** A harness by name. @throws CairnError `usage` */
export function harnessOf(app: App, name: string): Harness {
  const harness = app.harnesses.find((known) => known.name === name);
  if (harness) return harness;
  throw new CairnError('usage', `expected a harness, got ${JSON.stringify(name)}`, {
    hint: `known are ${app.harnesses.map((known) => known.name).join(', ')}`,
  });
}

/** Every session of a harness on this host, and what could not be read. */
export async function sessionsOnHost(
  app: App,
  harness: Harness,
): Promise<{ readonly found: readonly Found[]; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const { found } = await discoverSessions({
    harnesses: [harness],
    environment: app.environment,
    extras: false,
    exists: isReadable,
    report: ({ path, cause }) => problems.push(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`),
  });
  return { found, problems };
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The shared part of the project that is set. @throws CairnError `unfit`, `denied`, `config` */
export async function joinProject(app: App, choices: ProjectChoices = {}): Promise<Project> {
  const { config, runtime, project, host, store } = app;
  const { openRedactor } = await import('./redact/open.ts');
  const { assembleProject } = await import('./coordination/join.ts');
  return assembleProject(
    {
      reading: store,
      store: app.writing(),
      project,
      runtime,
      agent: config.values.agent,
      host: host.machine,
      cwd: host.cwd,
      env: host.env,
      stateFolder: config.folders.state,
      processes: await hostProcesses(process.pid, process.kill),
      redactor: openRedactor(await readRedaction(app)),
    },
    choices,
  );
}

/**
 * Opens a project for a program that acts as an agent: it is alive until `close`, and beats by itself.
 * @throws CairnError `config`, `unfit`, `denied`
 */
export async function openProject(
  options: SettingSource['values'] & Omit<ProjectChoices, 'mode'> = {},
  host: Host = thisHost(),
): Promise<Project> {
  const { bucket, project, agent, user, ...choices } = options;
  const app = await openApp({ bucket, project, agent, user }, host);
  return joinProject(app, { ...choices, onClose: () => app.close() });
}

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { harnesses } from '../../harnesses/index.ts';
import type { Harness } from '../../src/harness/types.ts';
import type { MirrorEvent } from '../../src/mirror/mirror.ts';
import { sourceKey } from '../../src/mirror/source-key.ts';
import { ProjectState } from '../../src/mirror/state-folder.ts';
import type { Redactor } from '../../src/redact/types.ts';
import { type PreparedImport, prepareImport } from '../../src/resume/import.ts';
import { type PreparedResume, prepareResume, type ResumeChoices, type ResumeHost } from '../../src/resume/prepare.ts';
import { carryOut } from '../../src/resume/restore.ts';
import { resolveSession } from '../../src/sessions/resolve.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { mirror, testRedactor, testRuntime } from '../mirror/rig.ts';

/** A computer with an agent's folder, a mirror's state and a key of its own. */
export class TestHost {
  readonly root: string;
  readonly cwd: string;
  readonly runtime;
  redactor: () => Redactor = () => testRedactor();
  /** Where programs are looked for. */
  path = process.env.PATH;
  foldersOf: (repository: string) => Promise<readonly string[]> = async () => [];
  readonly #store: BucketStore;
  readonly #folder: string;
  readonly #harness: string;
  readonly #key: Uint8Array;

  private constructor(store: BucketStore, folder: string, harness: string, number: number) {
    this.#store = store;
    this.#folder = folder;
    this.#harness = harness;
    this.#key = Buffer.alloc(32, number);
    this.root = join(folder, 'root');
    this.cwd = join(folder, 'work');
    let seed = number;
    // Ids of forks come from chance.
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    this.runtime = { ...testRuntime(`w${number}`), random };
  }

  static async make(store: BucketStore, folder: string, harness: string, number: number): Promise<TestHost> {
    const host = new TestHost(store, join(folder, `host-${number}`), harness, number);
    await mkdir(host.root, { recursive: true });
    await mkdir(host.cwd, { recursive: true });
    return host;
  }

  get env(): Record<string, string> {
    const names: Record<string, string> = {
      codex: 'CODEX_HOME',
      openclaw: 'OPENCLAW_STATE_DIR',
      hermes: 'HERMES_HOME',
    };
    return { [names[this.#harness] ?? 'CLAUDE_CONFIG_DIR']: this.root };
  }

  /** Into the bucket, or another one with a state of its own. */
  async mirror(other?: { readonly store: BucketStore; readonly state: string }): Promise<MirrorEvent[]> {
    const events = await mirror({
      store: other?.store ?? this.#store,
      home: '/nowhere',
      stateFolder: join(this.#folder, other?.state ?? 'state'),
      runtime: this.runtime,
      redactor: this.redactor,
      run: {
        key: sourceKey(this.#key),
        environment: { env: this.env, home: '/nowhere', platform: 'linux' },
        scope: { harnesses: harnesses.filter(({ name }) => name === this.#harness), all: true },
      },
    });
    const failed = events.find((event) => event.event === 'failed');
    if (failed) throw failed.cause;
    return events;
  }

  async prepare(id: string, choices: ResumeChoices = {}): Promise<PreparedResume> {
    return prepareResume(await this.#host(), this.#known, await resolveSession(this.#store, 'p', id), choices);
  }

  /** For an agent that takes sessions by its own import. */
  async prepareImport(id: string, choices: ResumeChoices = {}): Promise<PreparedImport> {
    const { importing } = this.#known;
    const listing = await resolveSession(this.#store, 'p', id);
    return prepareImport(await this.#host(), this.#known, importing!, listing, choices);
  }

  get #known(): Harness {
    return harnesses.find(({ name }) => name === this.#harness)!;
  }

  async #host(): Promise<ResumeHost> {
    const processes = { self: { pid: 1, started: '1', boot: 'b' }, alive: async () => false };
    const place = { bucket: 'memory:', project: 'p' };
    return {
      store: this.#store,
      runtime: this.runtime,
      key: sourceKey(this.#key),
      state: await ProjectState.open(join(this.#folder, 'state'), place, this.runtime, processes),
      root: this.root,
      cwd: this.cwd,
      env: { PATH: this.path },
      home: this.#folder,
      repositoryOf: async () => undefined,
      foldersOf: this.foldersOf,
    };
  }

  async resume(id: string, choices: ResumeChoices = {}): Promise<PreparedResume> {
    const prepared = await this.prepare(id, choices);
    await carryOut(prepared.context, prepared.plan);
    return prepared;
  }

  /** Every file below the agent's folder. */
  async files(): Promise<Map<string, string>> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const read = files.sort().map(async (path) => [path.slice(this.root.length + 1), await readFile(path, 'latin1')]);
    return new Map((await Promise.all(read)) as [string, string][]);
  }
}

/** Parts that a run of the mirror made. */
export function partsOf(events: readonly MirrorEvent[]): number {
  return events.filter(({ event }) => event === 'part').length;
}

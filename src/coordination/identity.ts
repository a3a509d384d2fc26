import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import { readJson, replaceFile } from '../mirror/durable-file.ts';
import { acquireLock, type ProcessTable } from '../mirror/lock.ts';
import { encodeName } from '../store/keys.ts';
import type { Author, SlotSpace } from '../store/slots.ts';
import { closeProcess, registerProcess } from './agents.ts';
import type { Expiry } from './expiry.ts';
import { Heartbeat, type ProcessRecord, processName } from './presence.ts';

/** Who acts, and how it shows that it lives. */
export interface Identity {
  /** Registers where that is due. @throws CairnError `name-in-use`, `session-lost`, `unknown` */
  me(): Promise<Author>;
  /** Says that it lives, now. @throws CairnError `session-lost` */
  beat(): Promise<void>;
  /** For a long wait: shows that it lives where it is registered and that is due. */
  refresh(): Promise<void>;
  /** Ends the process: everything it holds is free at once. */
  close(): Promise<void>;
  /** Aborted when the process may hold nothing more: it was declared dead, or could not show that it lives. */
  readonly lost: AbortSignal;
}

/** A process that another one keeps alive: a command that `cairn run` has started. */
export function givenIdentity(author: Author): Identity {
  return {
    me: async () => author,
    beat: async () => {},
    refresh: async () => {},
    close: async () => {},
    lost: never(),
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** What a process says of itself, but for how it lives. */
export type Self = Omit<ProcessRecord, 'ttlMs' | 'beatMs' | 'mode'>;

interface IdentityOptions {
  readonly space: SlotSpace;
  readonly expiry: Expiry;
  readonly self: Self;
}

export interface AttachedOptions {
  /** Default 90,000. */
  readonly ttlMs?: number | undefined;
  readonly beatMs?: number | undefined;
  readonly idem?: string | undefined;
  /** Acts beside the process that has the name, on the same host. */
  readonly beside?: Identity | undefined;
}

/** One process that beats by itself until it is closed. */
export function attachedIdentity(
  { space, expiry, self }: IdentityOptions,
  { ttlMs = 90_000, beatMs = ttlMs / 3, idem, beside }: AttachedOptions = {},
): Identity {
  const lost = new AbortController();
  const closing = new AbortController();
  const { runtime } = space;
  let opened: Promise<Heartbeat> | undefined;
  let beating: Promise<void> = Promise.resolve();

  const open = () => {
    opened ??= start().then(
      (heartbeat) => {
        beating = keepAlive(heartbeat);
        return heartbeat;
      },
      (error) => {
        opened = undefined;
        throw error;
      },
    );
    return opened;
  };

  async function start(): Promise<Heartbeat> {
    const record: ProcessRecord = { ...self, ttlMs, beatMs, mode: 'attached' };
    const id = idem ?? runtime.id();
    if (beside === undefined) return registerProcess(space, expiry, record, id);
    await beside.me();
    const heartbeat = new Heartbeat(space, processName(self.agent, ttlMs, id), record);
    await heartbeat.open(id);
    return heartbeat;
  }

  async function keepAlive(heartbeat: Heartbeat): Promise<void> {
    while (!closing.signal.aborted && !lost.signal.aborted) {
      await runtime.sleep(beatMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        if ((await heartbeat.beat()) === 'lost') lost.abort(gone(heartbeat.process));
      } catch (error) {
        // While the time to live has not passed, nobody may take anything from a process whose store is silent.
        if (!(error instanceof CairnError)) lost.abort(error);
      }
      if (heartbeat.age() > ttlMs - beatMs) lost.abort(gone(heartbeat.process));
    }
  }

  return {
    lost: lost.signal,
    async me() {
      const heartbeat = await open();
      lost.signal.throwIfAborted();
      return { agent: self.agent, process: heartbeat.process, session: self.session };
    },
    async beat() {
      const heartbeat = await open();
      if ((await heartbeat.beat()) === 'lost') lost.abort(gone(heartbeat.process));
      lost.signal.throwIfAborted();
    },
    refresh: async () => {}, // it beats by itself
    async close() {
      closing.abort();
      if (opened === undefined) return;
      const heartbeat = await opened;
      await beating;
      if (!lost.signal.aborted) {
        await closeProcess(space, heartbeat, { agent: self.agent, process: heartbeat.process, session: self.session });
      }
    },
  };
}

function gone(process: string): CairnError {
  return new CairnError('session-lost', `expected process ${process} to be alive, but its time to live has passed`, {
    hint: 'what it held is free for others; register again',
  });
}

/** What this host keeps of a name between commands. */
interface Kept {
  readonly v: 1;
  readonly process: string;
  readonly record: ProcessRecord;
  readonly n: number;
  /** Last heartbeat, by this host's clock. */
  readonly at: number;
}

const cliTtlMs = 20 * 60_000;
const cliBeatMs = 60_000;

/**
 * Many short commands of one host under one name: the process is kept in a file, and beats when the last
 * heartbeat is over a minute old. A process that was declared dead is replaced, and `onReplaced` told.
 */
export function commandIdentity(
  { space, expiry, self }: IdentityOptions,
  options: {
    readonly folder: string;
    readonly processes: ProcessTable;
    readonly ttlMs?: number | undefined;
    readonly idem?: string | undefined;
    readonly onReplaced?: ((process: string) => void) | undefined;
  },
): Identity {
  const { runtime } = space;
  const { folder, processes, ttlMs = cliTtlMs } = options;
  const name = encodeName(self.agent);
  const file = join(folder, `${name}.json`);
  const isKept = (value: unknown): value is Kept =>
    (value as Kept | null)?.v === 1 && typeof (value as Kept).process === 'string';
  const author = (process: string): Author => ({ agent: self.agent, process, session: self.session });
  let current: Promise<Author> | undefined;

  const save = (heartbeat: Heartbeat, record: ProcessRecord) =>
    write({ v: 1, process: heartbeat.process, record, n: heartbeat.n, at: runtime.now() });
  const write = (kept: Kept) => replaceFile(file, JSON.stringify(kept), `${file}.${runtime.id()}`);

  async function locked<T>(work: () => Promise<T>): Promise<T> {
    const deadline = runtime.monotonic() + 30_000;
    for (;;) {
      let release: () => Promise<void>;
      try {
        release = await acquireLock(folder, name, processes, runtime);
      } catch (error) {
        if (!(error instanceof CairnError && error.code === 'held') || runtime.monotonic() > deadline) throw error;
        continue;
      }
      try {
        return await work();
      } finally {
        await release();
      }
    }
  }

  /** Under the lock: the kept process beats, if it lives. */
  async function revive(kept: Kept): Promise<boolean> {
    const heartbeat = new Heartbeat(space, kept.process, kept.record, kept.n);
    if ((await heartbeat.beat()) === 'lost') return false;
    await save(heartbeat, kept.record);
    return true;
  }

  function isFresh({ at, record }: Kept): boolean {
    const age = runtime.now() - at;
    return age >= 0 && age < Math.min(cliBeatMs, record.ttlMs / 3);
  }

  async function ensure(): Promise<Author> {
    const before = readJson(file, isKept);
    if (before && isFresh(before)) return author(before.process);
    return locked(async () => {
      const kept = readJson(file, isKept);
      if (kept && (isFresh(kept) || (await revive(kept)))) return author(kept.process);
      if (kept) options.onReplaced?.(kept.process);
      const record: ProcessRecord = { ...self, ttlMs, beatMs: cliBeatMs, mode: 'cli' };
      const heartbeat = await registerProcess(space, expiry, record, options.idem ?? runtime.id());
      await save(heartbeat, record);
      return author(heartbeat.process);
    });
  }

  return {
    me() {
      current ??= ensure();
      return current;
    },
    async refresh() {
      const kept = readJson(file, isKept);
      if (!kept || isFresh(kept)) return;
      await locked(async () => {
        const now = readJson(file, isKept);
        // Where it was declared dead, the next change says so.
        if (now && !isFresh(now)) await revive(now);
      });
    },
    lost: never(),
    async beat() {
      const kept = readJson(file, isKept);
      if (!kept) {
        await ensure();
        return;
      }
      if (await locked(() => revive(kept))) return;
      await unlink(file);
      throw gone(kept.process);
    },
    async close() {
      const kept = readJson(file, isKept);
      if (!kept) return;
      await locked(async () => {
        await closeProcess(space, new Heartbeat(space, kept.process, kept.record, kept.n), author(kept.process));
        await unlink(file);
      });
    },
  };
}

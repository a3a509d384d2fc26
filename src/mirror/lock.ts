import { mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { fileError } from './file-error.ts';

/** Who this process is, so that another can tell whether it still lives. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Of the process, by the kernel; a reused pid has another. */
  readonly started: string;
  readonly boot: string;
}

/** What a lock says of its owner. */
interface Owner extends ProcessIdentity {
  /** When it took the lock, ISO 8601: for people. */
  readonly since: string;
}

/** Tells processes of this host apart. */
export interface ProcessTable {
  readonly self: ProcessIdentity;
  alive(process: ProcessIdentity): Promise<boolean>;
}

/**
 * Takes the lock `name` in `folder`, or throws `held` naming who has it; the answer releases it.
 *
 * Everyone who wants it makes a file of their own, then looks at all of them: whoever sees a living
 * other steps back. Of two that come together at least one sees the other, so never two hold it; the
 * files of the dead are removed. Nothing is ever taken away from the living.
 */
export async function acquireLock(
  folder: string,
  name: string,
  processes: ProcessTable,
  runtime: Runtime,
  what = 'at this session',
): Promise<() => Promise<void>> {
  const mine = `${name}.${runtime.id()}.lock`;
  const path = join(folder, mine);
  for (let attempt = 0; ; attempt++) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // By rename, so that a lock is never seen without its owner.
      writeFileSync(
        `${path}.new`,
        JSON.stringify({ ...processes.self, since: new Date(runtime.now()).toISOString() } satisfies Owner),
        { flag: 'wx', mode: 0o600 },
      );
      renameSync(`${path}.new`, path);
    } catch (cause) {
      remove(`${path}.new`); // on a full disk it is there, and empty
      throw fileError('a lock', path, cause);
    }
    const holder = await livingOther(folder, name, mine, processes);
    if (!holder) return async () => remove(path);
    remove(path);
    if (attempt === 3) {
      throw new CairnError(
        'held',
        `expected to be the only one ${what}, but process ${holder.pid} holds it since ${holder.since}`,
        {
          hint: 'wait for it to end, or stop it',
        },
      );
    }
    await runtime.sleep(20 + runtime.random() * 80);
  }
}

async function livingOther(
  folder: string,
  name: string,
  mine: string,
  processes: ProcessTable,
): Promise<Owner | undefined> {
  for (const file of readdirSync(folder)) {
    if (file === mine || !file.startsWith(`${name}.`) || !file.endsWith('.lock')) continue;
    const path = join(folder, file);
    const owner = readOwner(path);
    if (owner && (await processes.alive(owner))) return owner;
    remove(path);
  }
  return undefined;
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined; // gone meanwhile, or torn by a power cut: its owner does not live
  }
}

/** A lock that cannot be removed is its owner's while that lives, and nobody's after. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // gone already, or it cannot be
  }
}

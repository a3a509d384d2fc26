import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CairnError } from '../errors.ts';
import type { ImportFile } from '../harness/index.ts';
import { localStream, type PreparedImport, standingOf } from './import.ts';
import { rememberImport } from './import-record.ts';
import type { Standing } from './standing.ts';

/** Runs the agent's import. @throws CairnError `run-failed`, with what it said */
export type RunImport = (
  command: readonly string[],
  place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<void>;

/** What was done, and what the person has to run where the agent is not here. */
export interface HandedIn {
  /** Files for an import that could not be run. */
  readonly files: readonly string[];
  readonly importer: readonly string[];
}

/** @throws CairnError `differs` where the agent has something else, `unfit` where it is not here to import */
export function refuseImport({ standing, context, target, installed, isElsewhere, obstacles }: PreparedImport): void {
  if (standing.kind === 'diverged' || (standing.kind === 'behind' && !context.importing.extending)) {
    const { title } = context.harness;
    const what =
      standing.kind === 'diverged'
        ? `${standing.here} of its own and ${standing.there} of the bucket follow what they share`
        : `${standing.there} of the bucket are missing, and its import leaves a session alone that it has`;
    throw new CairnError('differs', `expected ${title} to have ${target.session} as in the bucket, but ${what}`, {
      hint: '--fork imports what the bucket has beside it under a new id',
    });
  }
  if (standing.kind === 'same' || standing.kind === 'ahead') return;
  const stop = obstacles.find(({ mild }) => !mild);
  // In a folder of its own the files wait for an agent.
  if (stop && (installed || !isElsewhere)) {
    const hint = installed ? stop.hint : `${stop.hint}; or --to a folder, and import what is written there yourself`;
    throw new CairnError('unfit', `expected ${context.harness.title} to import the session, but ${stop.message}`, {
      hint,
    });
  }
}

/**
 * Hands the session to the agent's import, sees that it took all of it, and tells the mirror. The files lie where the
 * import looks, whole or not at all, the last of them last; the same command goes on after a crash.
 * @throws CairnError `differs`, `unfit`, `run-failed`, `incomplete`
 */
export async function handIn(prepared: PreparedImport, run: RunImport): Promise<HandedIn> {
  refuseImport(prepared);
  const { context, target, main, standing, content } = prepared;
  const { importing, root, harness } = context;
  const unlock = await context.state?.session(harness.name, target.session).lock();
  let files: readonly string[] = [];
  try {
    if (standing.kind === 'absent' || standing.kind === 'behind') {
      const form = await importing.compose(missingOf(prepared), target);
      const paths = form.files.map(({ path }) => join(root, path));
      const importer = importing.importer(target, paths);
      const made = await placeAll(root, form.files);
      if (!prepared.installed) return { files: paths, importer };
      try {
        await run(importer, { cwd: root, env: { [importing.variable]: root } });
      } finally {
        // What the import left: a folder with files that are not taken yet keeps the agent from starting.
        for (const path of made) await rm(path, { force: true });
      }
      files = paths;
    }
    const local = await localStream(context, target.session);
    const now = await standingOf(context, main, target.session, local, content);
    if (now.kind !== 'same' && now.kind !== 'ahead') throw notTaken(prepared, now);
    if (local && now.kind === 'same' && target.from === target.session) await rememberImport(prepared, now, local);
    return { files, importer: [] };
  } finally {
    await unlock?.();
  }
}

/** The first record, which says what the file is, and what the agent does not have. */
async function* missingOf({ standing, content }: PreparedImport): AsyncGenerator<Uint8Array> {
  let skip = 0;
  if (standing.kind !== 'absent') {
    for await (const block of content()) {
      yield block.subarray(0, block.indexOf(10) + 1);
      break;
    }
    skip = standing.after === undefined ? Math.max(1, standing.equal) : standing.equal;
  }
  for await (const block of content(standing.kind === 'absent' ? undefined : standing.after)) {
    let at = 0;
    for (; skip > 0 && at < block.length; skip--) at = block.indexOf(10, at) + 1;
    if (at < block.length) yield block.subarray(at);
  }
}

async function placeAll(root: string, files: readonly ImportFile[]): Promise<readonly string[]> {
  const made: string[] = [];
  for (const { path, content } of files) {
    const whole = join(root, path);
    await mkdir(dirname(whole), { recursive: true, mode: 0o700 });
    const temporary = `${whole}.cairn.tmp`;
    await rm(temporary, { force: true }); // of a run that was killed
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const block of content) await file.writeFile(block);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, whole);
    } catch (cause) {
      const same = (await readFile(whole)).equals(await readFile(temporary));
      if (!same) throw occupied(whole, cause);
    } finally {
      await rm(temporary, { force: true });
    }
    made.push(whole);
  }
  return made;
}

function occupied(path: string, cause: unknown): CairnError {
  return new CairnError('differs', `expected no file at ${path}, found another one`, {
    cause,
    hint: 'let the agent import what is there first, or move it away',
  });
}

function notTaken(prepared: PreparedImport, now: Standing): CairnError {
  const { context, target } = prepared;
  const { records } = prepared;
  const got = now.kind === 'absent' ? 'none' : String(now.equal);
  return new CairnError(
    'incomplete',
    `expected ${context.harness.title} to take the ${records} records of ${target.session}, it has ${got} of them`,
    { hint: '`cairn session handoff` writes what another agent needs to go on' },
  );
}

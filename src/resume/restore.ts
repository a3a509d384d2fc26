import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { appendFile, link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CairnError } from '../errors.ts';
import type { VersionsCursor } from '../harness/cursor.ts';
import { field, parseRecord, shippedVersion } from '../harness/index.ts';
import type { BucketStore } from '../store/types.ts';
import { behind, findLocal, rememberBytes } from './local.ts';
import type { PlannedFile, PlannedSideFile, PlannedStream, RestoreContext, RestorePlan, SessionPlan } from './plan.ts';
import { bytesOf, isVersion } from './side-files.ts';

/**
 * Carries a plan out: everything is fetched and proven into a folder beside the agent's sessions, then put in place,
 * one whole file after the other, bases first and each transcript last. A crash between any two steps leaves
 * sessions that the agent can use; the same command goes on from there. Nothing that is there is overwritten.
 * @throws CairnError `differs` where a file is diverged, `unavailable` where one grew meanwhile
 */
export async function carryOut(c: RestoreContext, plan: RestorePlan): Promise<void> {
  refuseDiverged(plan);
  const unlocks: (() => Promise<void>)[] = [];
  const staging = join(c.root, `.cairn-restore-${idOf(plan.session.target.session)}`);
  try {
    for (const { target } of plan.sessions) {
      const unlock = await c.state?.session(c.harness.name, target.session).lock();
      if (unlock) unlocks.push(unlock);
    }
    await rm(staging, { recursive: true, force: true }); // of a run that was killed
    await mkdir(staging, { recursive: true, mode: 0o700 });
    const staged = new Map<PlannedFile, string>();
    for (const session of plan.sessions) {
      for (const file of session.files) {
        if (!['create', 'extend', 'replace'].includes(file.action)) continue;
        const path = join(staging, String(staged.size));
        await stage(c, session, file, path);
        staged.set(file, path);
      }
    }
    for (const session of plan.sessions) {
      for (const file of session.files) {
        const path = staged.get(file);
        if (path !== undefined) await place(c.store, file, path);
      }
      if (session.target.from === session.target.session) await remember(c, session);
      await writeTitle(c, session);
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
    for (const unlock of unlocks) await unlock();
  }
}

/** @throws CairnError `differs` */
export function refuseDiverged({ sessions }: RestorePlan): void {
  const diverged = sessions.flatMap(({ files }) => files.filter(({ action }) => action === 'diverged'));
  const [first] = diverged;
  if (!first) return;
  const lines = `${first.here} lines here and ${first.there} in the bucket follow what they share`;
  throw new CairnError('differs', `expected ${first.path} to continue as in the bucket, but ${lines}`, {
    hint: '--fork puts what the bucket has beside it under a new id; `cairn session mirror` ships what is here as a branch',
    details: { files: diverged.map(({ path, stream, here, there }) => ({ path, stream, here, there })) },
  });
}

function idOf(session: string): string {
  return createHash('sha256').update(session).digest('hex').slice(0, 12);
}

async function stage(c: RestoreContext, session: SessionPlan, file: PlannedFile, path: string): Promise<void> {
  if ('side' in file) {
    await writeFile(path, await bytesOf(c.store, file.source, file.side), { mode: file.side.mode & 0o777, flag: 'wx' });
    return;
  }
  const out = await open(path, 'wx', 0o600);
  try {
    // The line that was never finished is ended, as the agents do it.
    if (file.torn) await out.write('\n');
    let skip = file.skip;
    for await (const block of session.content(file.source, file.after)) {
      if (skip < block.length) await out.writeFile(block.subarray(skip));
      skip = Math.max(0, skip - block.length);
    }
    await out.sync();
  } finally {
    await out.close();
  }
}

async function place(store: BucketStore, file: PlannedFile, staged: string): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
  if (file.action === 'create') await create(staged, file.path);
  else if ('side' in file) await replace(store, file, staged);
  else await extend(file, staged);
}

/** By a hard link, which never replaces anything. */
async function create(staged: string, path: string): Promise<void> {
  await link(staged, path).catch((cause) => {
    if (cause.code === 'EEXIST') throw grown(path, cause);
    throw cause;
  });
}

async function replace(store: BucketStore, file: PlannedFile & PlannedSideFile, staged: string): Promise<void> {
  const { path, source, side } = file;
  // Last looked at when the plan was made: whoever wrote it meanwhile keeps what was written.
  if (!(await isVersion(store, source, path, side))) await rename(staged, path);
}

/** Appends, as the agent itself does: what it writes at the same moment is not lost. */
async function extend(file: PlannedFile & PlannedStream, staged: string): Promise<void> {
  const { path, end, torn } = file;
  if (path.endsWith('.zst')) return extendCompressed(file, staged);
  const { size } = await stat(path);
  if (torn ? size <= end : size !== end) throw grown(path);
  for await (const piece of createReadStream(staged, { highWaterMark: 4 << 20 })) await appendFile(path, piece);
}

/** A compressed rollout is not appended to: a plain one beside it is what codex then reads. */
async function extendCompressed({ path, end }: PlannedFile & PlannedStream, staged: string): Promise<void> {
  const { openSource } = await import('../harness/index.ts');
  const whole = `${staged}.whole`;
  const source = await openSource(path);
  const out = await open(whole, 'wx', 0o600);
  try {
    for (let at = 0; at < end; ) {
      const piece = await source.read(at, Math.min(1 << 20, end - at));
      await out.writeFile(piece);
      at += piece.length;
    }
    for await (const piece of createReadStream(staged)) await out.writeFile(piece);
    await out.sync();
  } finally {
    await out.close();
    await source.close();
  }
  await create(whole, path.slice(0, -'.zst'.length));
}

function grown(path: string, cause?: unknown): CairnError {
  return new CairnError('unavailable', `expected ${path} as it was a moment ago, but another program wrote to it`, {
    cause,
    hint: 'end the agent that works on this session, then run the same command again',
  });
}

/** The mirror of this host goes on behind what was put back, as if it had shipped it. */
async function remember(c: RestoreContext, { source, target, files }: SessionPlan): Promise<void> {
  const state = c.state?.session(c.harness.name, target.session);
  if (!state) return;
  const before = await state.read();
  const ref = await findLocal(c.harness, c.root, target.session);
  for (const file of files) {
    if ('side' in file || file.action === 'ahead') continue;
    const path = file.path.endsWith('.zst') && file.action === 'extend' ? file.path.slice(0, -4) : file.path;
    const { size } = await stat(path);
    const record = await state.readStream(file.stream);
    const { epoch, seq } = file.source.last;
    if (file.action === 'same' && record?.epoch === epoch && record.seq === seq + 1) continue;
    await rememberBytes(state, file.source, path, path.endsWith('.zst') || file.action === 'same' ? file.end : size);
  }
  const sides = files.find((file) => 'side' in file)?.source;
  if (sides) {
    const versions: Record<string, VersionsCursor['files'][string]> = {};
    const present = ref?.streams.find(({ name }) => name === 'files')?.files ?? [];
    const shipped = new Set(files.flatMap((file) => ('side' in file && file.action !== 'kept' ? [file.path] : [])));
    for (const { path, name } of present)
      if (name !== undefined && shipped.has(path)) versions[name] = await shippedVersion(path, c.key);
    const to = sides.last.to.kind === 'versions' ? sides.last.to.count : 0;
    const cursor: VersionsCursor = { kind: 'versions', count: to, files: versions };
    await state.writeStream('files', { ...behind(sides.last), cursor });
  }
  const restored = source.streams.map(({ address }) => address.stream);
  const there = new Set(ref?.streams.map(({ name }) => name));
  await state.write({
    v: 1,
    harness: c.harness.name,
    session: target.session,
    ...before,
    root: c.root,
    cwd: c.cwd,
    quiet: undefined,
    streams: [...new Set([...(before?.streams ?? []), ...restored])].filter((name) => there.has(name)),
  });
}

/** The name that a person gave, where the agent keeps it in an index. */
async function writeTitle(c: RestoreContext, { source, target }: SessionPlan): Promise<void> {
  const { title, titleFrom } = source.meta?.summary ?? {};
  if (title === undefined || titleFrom !== 'user') return;
  const entry = c.restoring.title?.(title, target, new Date(c.runtime.now()).toISOString());
  if (!entry) return;
  const path = join(c.root, entry.path);
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  const named = text.split('\n').some((line) => field(parseRecord(Buffer.from(line)), 'id') === target.session);
  if (!named)
    await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${entry.line}\n`, { mode: 0o600 });
}

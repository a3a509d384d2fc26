import { raiseFloor, readFloor } from '../store/floor.ts';
import {
  bodiesPrefix,
  floorPath,
  isBodyPath,
  parseSlot,
  pathKey,
  pathNames,
  projectPrefix,
  slotFolderPrefix,
  slotPrefix,
} from '../store/keys.ts';
import { type Author, newestNumber } from '../store/slots.ts';
import type { Coordination } from './coordination.ts';
import { type Cursor, parseCursor } from './message.ts';
import { listNewest, listSlots } from './newest.ts';
import { agentOf, collectPresence, parsePresence } from './presence.ts';
import { isTerminal, parseTask } from './task.ts';

/** What collection may take. Times are milliseconds by the store's clock. */
export interface GcOptions {
  readonly dryRun?: boolean | undefined;
  /** Nothing younger is touched: a writer that stalls for less is never overtaken. Default a day. */
  readonly graceMs?: number | undefined;
  /** After this, an ended task keeps its newest slot alone, messages go though an unseen agent did not read them. Default 7 days. */
  readonly retentionMs?: number | undefined;
}

/** One thing that was, or would be, removed. */
export interface Collected {
  /** Below the project. */
  readonly path: string;
  readonly removed: number;
  readonly cause: 'superseded' | 'read' | 'dead' | 'unreferenced' | 'condemned';
}

const dayMs = 86_400_000;
const keep = { tasks: 20, memory: 100, artifacts: 100, marks: 20, agents: 4, cursors: 4, leases: 4 } as const;

/**
 * Removes what nobody needs, floors first: a floor is durable before anything below it goes, and a late
 * writer looks at it. May run twice at once, and be stopped anywhere.
 */
export async function* collectGarbage(c: Coordination, options: GcOptions = {}): AsyncGenerator<Collected> {
  const { dryRun = false, graceMs = dayMs, retentionMs = 7 * dayMs } = options;
  const run = { c, by: dryRun ? { agent: c.agent, process: '' } : await c.me(), dryRun, graceMs, retentionMs };
  for (const folder of ['memory', 'artifacts', 'marks', 'agents', 'cursors', 'leases'] as const) {
    for (const { path } of await listSlots(c.space, slotFolderPrefix(c.space.project, folder))) {
      yield* trim(run, path, keep[folder], 'superseded');
    }
  }
  yield* collectTasks(run);
  yield* collectMessages(run);
  yield* collectProcesses(run);
  yield* collectBlobs(run);
}

interface Run {
  readonly c: Coordination;
  readonly by: Author;
  readonly dryRun: boolean;
  readonly graceMs: number;
  readonly retentionMs: number;
}

async function* collectTasks(run: Run): AsyncGenerator<Collected> {
  for await (const { path, newest, slot } of listNewest(run.c.space, 'tasks', parseTask)) {
    const isOld = slot !== undefined && isTerminal(slot.value) && newest.date - newest.modified > run.retentionMs;
    yield* trim(run, path, isOld ? 0 : keep.tasks, 'superseded');
  }
}

/** Messages that every agent has passed which reads them; an agent unseen for long holds up nobody. */
async function* collectMessages(run: Run): AsyncGenerator<Collected> {
  const { space } = run.c;
  const seenAt = new Map<string, number>();
  const cursors = new Map<string, Map<string, number>>();
  for (const { path, newest } of await listSlots(space, slotFolderPrefix(space.project, 'agents'))) {
    seenAt.set(pathNames(path)[0] ?? path, newest.modified);
  }
  for (const { path, newest } of await listSlots(space, slotFolderPrefix(space.project, 'presence'))) {
    const agent = agentOf(pathNames(path)[0] ?? '');
    seenAt.set(agent, Math.max(seenAt.get(agent) ?? 0, newest.modified));
  }
  for await (const { path, newest, slot } of listNewest(space, 'cursors', parseCursor)) {
    const [agent = path, channel = path] = pathNames(path);
    seenAt.set(agent, Math.max(seenAt.get(agent) ?? 0, newest.modified));
    cursors.set(channel, (cursors.get(channel) ?? new Map<string, number>()).set(agent, ackedOf(slot?.value)));
  }
  const date = space.date ?? 0;
  for (const { path, newest } of await listSlots(space, slotFolderPrefix(space.project, 'messages'))) {
    const channel = pathNames(path)[0];
    if (channel === undefined || channel.startsWith('!')) continue;
    const read = cursors.get(channel) ?? new Map<string, number>();
    const readers = channel.startsWith('@')
      ? [channel.slice(1)]
      : channel === 'all'
        ? [...seenAt.keys()]
        : [...read.keys()];
    const waiting = readers.filter((agent) => date - (seenAt.get(agent) ?? 0) < run.retentionMs);
    const acked = waiting.map((agent) => read.get(agent) ?? 0);
    const passed = acked.length > 0 ? acked.reduce((least, n) => Math.min(least, n)) : undefined;
    // Where nobody reads, age alone decides.
    const limit = passed === undefined ? { ...run, graceMs: Math.max(run.graceMs, run.retentionMs) } : run;
    yield* trim(limit, path, 0, 'read', Math.min(passed ?? newest.n, newest.n - 1));
  }
}

function ackedOf(cursor: Cursor | undefined): number {
  return cursor?.left ? Number.MAX_SAFE_INTEGER : (cursor?.acked ?? 0);
}

async function* collectProcesses(run: Run): AsyncGenerator<Collected> {
  for await (const { path, newest, slot } of listNewest(run.c.space, 'presence', parsePresence)) {
    const process = pathNames(path)[0];
    if (process === undefined || slot?.value.kind !== 'dead' || newest.date - newest.modified <= run.retentionMs)
      continue;
    if (!run.dryRun) await collectPresence(run.c.space, process, newest.n, run.by);
    yield { path, removed: newest.n, cause: 'dead' };
  }
}

/** Removes slots below the newest `spare`, up to `most`, whose successor has stood for the grace. */
async function* trim(
  run: Run,
  path: string,
  spare: number,
  cause: Collected['cause'],
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<Collected> {
  const { space } = run.c;
  const prefix = slotPrefix(space.project, path);
  const slots: { readonly key: string; readonly n: number; readonly modified: number; readonly date: number }[] = [];
  for await (const entry of space.store.list(prefix)) {
    if (!('key' in entry)) continue;
    const n = parseSlot(prefix, entry.key);
    if (n !== undefined) slots.push({ key: entry.key, n, modified: entry.modified, date: entry.date });
  }
  slots.sort((a, b) => a.n - b.n);
  const newest = slots.at(-1);
  if (newest === undefined) return;
  let floor = 0;
  for (const [i, { n }] of slots.entries()) {
    const next = slots[i + 1];
    if (next === undefined || n > Math.min(most, newest.n - 1 - spare)) break;
    if (newest.date - next.modified < run.graceMs) break;
    floor = n;
  }
  // What an earlier run did not come to remove lies below a floor already.
  const below = slots.filter(({ n }) => n <= floor);
  if (below.length === 0) return;
  if (!run.dryRun) {
    if ((await readFloor(space, path)) < floor) await raiseFloor(space, path, floor, 'trim', { by: run.by, op: 'gc' });
    for (const { key } of below) await space.store.remove(key);
  }
  yield { path, removed: below.length, cause };
}

/**
 * Blobs that no slot refers to, in two phases: condemned by a floor of their own, so that a new uploader takes
 * another place, and a grace later, still without a reference, removed.
 */
async function* collectBlobs(run: Run): AsyncGenerator<Collected> {
  const { space } = run.c;
  const candidates: { readonly path: string; readonly key: string }[] = [];
  const cut = projectPrefix(space.project).length;
  for await (const entry of space.store.list(bodiesPrefix(space.project))) {
    if (!('key' in entry)) continue;
    const path = entry.key.slice(cut);
    if (isBodyPath(path) && entry.date - entry.modified >= run.graceMs) candidates.push({ path, key: entry.key });
  }
  if (candidates.length === 0) return;
  const used = await references(run);
  for (const { path, key } of candidates) {
    if (used.has(path)) continue;
    const mark = await newestNumber(space, floorPath(path));
    if (mark === undefined) {
      if (!run.dryRun) await raiseFloor(space, path, 1, 'collected', { by: run.by, op: 'gc' });
      yield { path, removed: 0, cause: 'condemned' };
    } else if (mark.date - mark.modified >= run.graceMs) {
      if (!run.dryRun) await space.store.remove(key);
      yield { path, removed: 1, cause: 'unreferenced' };
    }
  }
}

/** Every blob that any slot that is there refers to, also through the list of a folder. */
async function references({ c }: Run): Promise<ReadonlySet<string>> {
  const { space } = c;
  const used = new Set<string>();
  const note = (text: string) => {
    for (const [path] of text.matchAll(/blobs\/[0-9a-f]{2}\/[0-9a-f]{64}(?:-[a-z0-9]{1,32})?/g)) used.add(path);
  };
  for (const folder of ['tasks', 'messages', 'memory', 'artifacts', 'marks'] as const) {
    for await (const entry of space.store.list(slotFolderPrefix(space.project, folder))) {
      if ('key' in entry) note(await textOf(c, entry.key));
    }
  }
  for (const folder of [...used]) note(await folderText(c, folder));
  return used;
}

async function textOf(c: Coordination, key: string): Promise<string> {
  const object = await c.space.store.get(key);
  return object === undefined ? '' : Buffer.from(await object.bytes()).toString('utf8');
}

/** Text of a blob that can be the list of a folder; others are not loaded whole. */
async function folderText(c: Coordination, path: string): Promise<string> {
  const key = pathKey(c.space.project, path);
  const head = await c.space.store.get(key, { range: { start: 0, end: 8 } });
  if (head === undefined || Buffer.from(await head.bytes()).toString('latin1') !== '{"files":') return '';
  return textOf(c, key);
}

import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { decodeName, encodeName } from './names.ts';
import {
  decodeNumber,
  encodeNumber,
  nameBefore,
  type Pack,
  type PartNumbers,
  packName,
  parsePartName,
  partName,
} from './part-names.ts';

export { decodeName, encodeName };

/** A session, named by the harness's own id. */
export interface SessionAddress {
  readonly project: string;
  readonly harness: string;
  readonly session: string;
}

/** One stream of a session: `main`, `agent-<id>`, `segment-<id>` or `files`. */
export interface StreamAddress extends SessionAddress {
  readonly stream: string;
}

/** One immutable object of a stream; epochs and parts are numbered from 0. */
export interface PartAddress extends StreamAddress {
  readonly epoch: number;
  readonly seq: number;
}

/** Everything of one project. Prefixes end with `/`. */
export function projectPrefix(project: string): string {
  return `${encodeName(project)}/`;
}

/** Format version of the project; created once. */
export function formatKey(project: string): string {
  return `${projectPrefix(project)}meta/format.json`;
}

/** What the probe of the store found. */
export function storeInfoKey(project: string): string {
  return `${projectPrefix(project)}meta/store.json`;
}

/** Says that somebody follows a session; its age counts, not its content. */
export function followedKey({ project, harness, session }: SessionAddress): string {
  return `${projectPrefix(project)}meta/bells/followed/${encodeName(harness)}/${encodeName(session)}`;
}

/** Scratch objects of one run of the probe. */
export function probePrefix(project: string, run: string): string {
  return `${projectPrefix(project)}meta/probe/${encodeName(run)}/`;
}

/** All sessions, or those of one harness. */
export function sessionsPrefix(project: string, harness?: string): string {
  const all = `${projectPrefix(project)}sessions/`;
  return harness === undefined ? all : `${all}${encodeName(harness)}/`;
}

/** Everything of one session. */
export function sessionPrefix(a: SessionAddress): string {
  return `${sessionsPrefix(a.project, a.harness)}${encodeName(a.session)}/`;
}

/** Summary of a session; overwritten, rebuildable. */
export function metaKey(a: SessionAddress): string {
  return `${sessionPrefix(a)}meta.json`;
}

/**
 * Bytes of a side file of the session.
 * @throws CairnError `usage` where `sha256` is not 64 lower-case hex digits
 */
export function blobKey(a: SessionAddress, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new CairnError('usage', `expected a SHA-256 of 64 hex digits, got ${JSON.stringify(sha256)}`);
  }
  return `${sessionPrefix(a)}blobs/${sha256}`;
}

/**
 * Everything of one stream.
 * @throws CairnError `usage` for a stream called `blobs`: that folder holds the session's blobs
 */
export function streamPrefix(a: StreamAddress): string {
  if (a.stream === 'blobs') throw new CairnError('usage', 'expected the name of a stream, got "blobs"');
  return `${sessionPrefix(a)}${encodeName(a.stream)}/`;
}

/** Everything of one epoch. */
export function epochPrefix(a: StreamAddress, epoch: number): string {
  return `${streamPrefix(a)}e${encodeNumber(epoch, 6)}/`;
}

/** One number, one key: it depends on no setting, so two writers of a part always meet in it. */
export function partKey(a: PartAddress): string {
  return `${epochPrefix(a, a.epoch)}${partName(a.seq)}`;
}

/** Several parts of an epoch in one object. */
export function packKey(a: StreamAddress, epoch: number, pack: Pack): string {
  return `${epochPrefix(a, epoch)}${packName(pack)}`;
}

/** All packs of an epoch. */
export function packsPrefix(a: StreamAddress, epoch: number): string {
  return `${epochPrefix(a, epoch)}pack-`;
}

/** A LIST after this shows the part of this number first, or the packs that end there or later. */
export function keyBefore(kind: 'part' | 'pack', a: PartAddress): string {
  return `${epochPrefix(a, a.epoch)}${nameBefore(kind, a.seq)}`;
}

/** The inverse of `partKey` and `packKey`; `undefined` for any other key. */
export function parsePartKey(a: StreamAddress, key: string): ({ readonly epoch: number } & PartNumbers) | undefined {
  const prefix = streamPrefix(a);
  const [folder = '', name = '', ...more] = key.startsWith(prefix) ? key.slice(prefix.length).split('/') : [];
  const epoch = decodeNumber(/^e([a-z0-9]+)$/.exec(folder)?.[1], 6);
  const numbers = more.length === 0 ? parsePartName(name) : undefined;
  return epoch === undefined || numbers === undefined ? undefined : { epoch, ...numbers };
}

/** The catalogs of all mirrors. */
export function catalogPrefix(project: string): string {
  return `${projectPrefix(project)}catalog/`;
}

/** One line a session that this mirror ships; `recent` holds what changed since `base`. */
export function catalogKey(project: string, mirror: string, file: 'base' | 'recent'): string {
  return `${catalogPrefix(project)}${encodeName(mirror)}/${file}.jsonl.gz`;
}

/** The inverse of `catalogKey`; `undefined` for any other key. */
export function parseCatalogKey(project: string, key: string): { mirror: string; file: 'base' | 'recent' } | undefined {
  const prefix = catalogPrefix(project);
  const match = /^([^/]+)\/(base|recent)\.jsonl\.gz$/.exec(key.startsWith(prefix) ? key.slice(prefix.length) : '');
  const mirror = match?.[1] === undefined ? undefined : decodeName(match[1]);
  return mirror === undefined ? undefined : { mirror, file: match?.[2] === 'base' ? 'base' : 'recent' };
}

/** The search index: segments, rebuildable. */
export function indexPrefix(project: string): string {
  return `${projectPrefix(project)}index/`;
}

/** A segment of the index; `tail` is where its tail begins, so that one GET reads it. */
export function segmentKey(project: string, id: string, tail: number): string {
  return `${indexPrefix(project)}${encodeName(id)}-${tail}.seg`;
}

/** The inverse of `segmentKey`; `undefined` for any other key. */
export function parseSegmentKey(project: string, key: string): { id: string; tail: number } | undefined {
  const prefix = indexPrefix(project);
  const match = /^([^/]+)-(\d{1,15})\.seg$/.exec(key.startsWith(prefix) ? key.slice(prefix.length) : '');
  const id = match?.[1] === undefined ? undefined : decodeName(match[1]);
  return id === undefined ? undefined : { id, tail: Number(match?.[2]) };
}

/**
 * The name in the last folder of a prefix, as a list with a delimiter gives it; `undefined` where it
 * cannot be told (`decodeName`).
 */
export function folderName(prefix: string): string | undefined {
  return decodeName(prefix.slice(prefix.lastIndexOf('/', prefix.length - 2) + 1, -1));
}

const highestSlot = 9_999_999_999;

/**
 * Slot `n` (from 1) of the register or log under `prefix`. The number is inverted, so that the first
 * key in byte order is the newest slot.
 */
export function slotKey(prefix: string, n: number): string {
  if (!Number.isInteger(n) || n < 1 || n > highestSlot) {
    throw new CairnError('usage', `expected a slot from 1 to ${highestSlot}, got ${n}`);
  }
  return `${prefix}${String(highestSlot - n).padStart(10, '0')}.json`;
}

/** The inverse of `slotKey`; `undefined` for any other key. */
export function parseSlot(prefix: string, key: string): number | undefined {
  const match = /^(\d{10})\.json$/.exec(key.startsWith(prefix) ? key.slice(prefix.length) : '');
  const n = highestSlot - Number(match?.[1] ?? Number.NaN);
  return n >= 1 ? n : undefined;
}

/** Order of keys: by the bytes of their UTF-8 form, which is not the order of UTF-16 strings. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * All keys of the sessions whose id begins with `beginning`, which is at least one character. Ids that are
 * stored in a shortened form are found by their whole id alone.
 */
export function sessionsBeginning(project: string, harness: string, beginning: string): string {
  const whole = encodeName(beginning);
  // As it stands inside a longer name: there a device name is none.
  const part = whole.includes('=~') ? whole : encodeName(`${beginning}-`).slice(0, -1);
  return `${sessionsPrefix(project, harness)}${part}`;
}

/** What a key below `sessions/` is of. Folders are names as encoded: a shortened one cannot be decoded. */
export interface SessionKey {
  readonly harness: string;
  readonly session: string;
  /** Of a part or a pack. */
  readonly stream?: string;
  readonly object?: { readonly epoch: number } & PartNumbers;
}

/** Takes apart any key of a session; `undefined` for a key that is none. */
export function parseSessionKey(project: string, key: string): SessionKey | undefined {
  const all = sessionsPrefix(project);
  const [harness, session, stream, epochName, name, ...more] = key.startsWith(all)
    ? key.slice(all.length).split('/')
    : [];
  if (!harness || !session || !stream || more.length > 0) return undefined;
  if (epochName === undefined || name === undefined || stream === 'blobs') return { harness, session };
  const epoch = decodeNumber(/^e([a-z0-9]+)$/.exec(epochName)?.[1], 6);
  const numbers = parsePartName(name);
  return epoch === undefined || numbers === undefined
    ? { harness, session }
    : { harness, session, stream, object: { epoch, ...numbers } };
}

/** Folders of registers and logs below the project. */
export type SlotFolder =
  | 'agents'
  | 'presence'
  | 'tasks'
  | 'messages'
  | 'cursors'
  | 'memory'
  | 'artifacts'
  | 'leases'
  | 'marks';

/** A register or log, as names: `{ folder: 'cursors', names: [agent, channel] }`. */
export interface SlotAddress {
  readonly folder: SlotFolder;
  readonly names: readonly string[];
}

/** Path of a register or log below the project, without an end: what its floor is named by. */
export function slotPath({ folder, names }: SlotAddress): string {
  return [folder, ...names.map(encodeName)].join('/');
}

/** Prefix of the slots of a register or log. */
export function slotPrefix(project: string, path: string): string {
  return `${projectPrefix(project)}${path}/`;
}

/** The inverse of `slotPrefix`, for a prefix that a list of the project gave. */
export function prefixPath(project: string, prefix: string): string {
  return prefix.slice(projectPrefix(project).length, -1);
}

/** All registers of a folder, or of those under its first names. */
export function slotFolderPrefix(project: string, folder: SlotFolder, ...names: readonly string[]): string {
  return slotPrefix(project, slotPath({ folder, names }));
}

/** Path of the register and number of the slot behind a key; `undefined` for any other key. */
export function parseSlotKey(project: string, key: string): { readonly path: string; readonly n: number } | undefined {
  const all = projectPrefix(project);
  const end = key.lastIndexOf('/') + 1;
  const n = parseSlot(key.slice(0, end), key);
  return n === undefined || !key.startsWith(all) || end <= all.length
    ? undefined
    : { path: key.slice(all.length, end - 1), n };
}

/** The names in a path, each `undefined` where it was shortened: the true one is in the body. */
export function pathNames(path: string): readonly (string | undefined)[] {
  return path.split('/').slice(1).map(decodeName);
}

/** Floor of a register, log or blob: a register of its own, whose newest slot number is the floor. */
export function floorPath(path: string): string {
  return `floors/${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
}

/** Bytes of artifacts and of large bodies. */
export function bodiesPrefix(project: string): string {
  return `${projectPrefix(project)}blobs/`;
}

/**
 * Path below the project of content-addressed bytes; `salt` where the plain place is about to be collected.
 * @throws CairnError `usage`
 */
export function bodyPath(sha256: string, salt?: string): string {
  const path = `blobs/${sha256.slice(0, 2)}/${sha256}${salt === undefined ? '' : `-${salt}`}`;
  if (!isBodyPath(path))
    throw new CairnError('usage', `expected a SHA-256 of 64 hex digits, got ${JSON.stringify(sha256)}`);
  return path;
}

/** Whether a path that came out of a bucket can be one of `bodyPath`. */
export function isBodyPath(path: string): boolean {
  return /^blobs\/([0-9a-f]{2})\/\1[0-9a-f]{62}(?:-[a-z0-9]{1,32})?$/.test(path);
}

/** The key of a path below the project that this file has made or checked. */
export function pathKey(project: string, path: string): string {
  return `${projectPrefix(project)}${path}`;
}

/** Pages of a session that were given out by link. */
export function sharesPrefix(a: SessionAddress): string {
  return `${projectPrefix(a.project)}shares/${encodeName(a.harness)}/${encodeName(a.session)}/`;
}

/** A page that may be removed after `until`, in seconds since 1970; `id` are lower-case letters and digits. */
export function shareKey(a: SessionAddress, until: number, id: string): string {
  return `${sharesPrefix(a)}${until}-${id}.html`;
}

/** When a page below a project's `shares/` ends, in seconds since 1970. */
export function parseShareKey(key: string): { readonly until: number } | undefined {
  const [, until] = /\/shares\/[^/]+\/[^/]+\/(\d{1,12})-[a-z0-9]+\.html$/.exec(key) ?? [];
  return until === undefined ? undefined : { until: Number(until) };
}

/** A file of an exported table, in folders as DuckDB, Spark and Athena know them; `date` as YYYY-MM-DD, else none is known. */
export function tableKey(table: 'events' | 'sessions', date: string | undefined, harness: string, n: number): string {
  const day = date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date) ? '__HIVE_DEFAULT_PARTITION__' : date;
  return `${table}/date=${day}/harness=${encodeName(harness)}/part-${encodeNumber(n, 5)}.parquet`;
}

/** Whether a key is one of `tableKey`. */
export function isTableKey(key: string): boolean {
  return /^(?:events|sessions)\/date=[^/]+\/harness=[^/]+\/part-[a-z0-9]+\.parquet$/.test(key);
}

/** What an export of tables consists of. */
export const tablesManifestKey = 'manifest.json';

import { createHash } from 'node:crypto';
import { CairnError } from '../errors.ts';
import { decodeName, encodeName } from './names.ts';

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
  return `${epochPrefix(a, a.epoch)}part-${encodeNumber(a.seq, 8)}.jsonl.gz`;
}

/** The inverse of `partKey`; `undefined` for any other key. */
export function parsePartKey(a: StreamAddress, key: string): { epoch: number; seq: number } | undefined {
  const prefix = streamPrefix(a);
  const match = /^e([a-z0-9]+)\/part-([a-z0-9]+)\.jsonl\.gz$/.exec(
    key.startsWith(prefix) ? key.slice(prefix.length) : '',
  );
  const epoch = decodeNumber(match?.[1], 6);
  const seq = decodeNumber(match?.[2], 8);
  return epoch === undefined || seq === undefined ? undefined : { epoch, seq };
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
 * Digits that sort as the numbers do, without an upper end: padded to `width`, and a longer number
 * is led by a letter that says by how many digits (`a` one more, `b` two), as letters sort after digits.
 */
function encodeNumber(n: number, width: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new CairnError('usage', `expected a number from 0, got ${n}`);
  const digits = String(n).padStart(width, '0');
  return digits.length === width ? digits : String.fromCharCode(0x60 + digits.length - width) + digits;
}

function decodeNumber(text: string | undefined, width: number): number | undefined {
  const match = /^[a-z]?(\d+)$/.exec(text ?? '');
  const n = Number(match?.[1] ?? Number.NaN);
  return Number.isSafeInteger(n) && encodeNumber(n, width) === text ? n : undefined;
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
  /** Of a part. */
  readonly stream?: string;
  readonly epoch?: number;
  readonly seq?: number;
}

/** Takes apart any key of a session; `undefined` for a key that is none. */
export function parseSessionKey(project: string, key: string): SessionKey | undefined {
  const all = sessionsPrefix(project);
  const [harness, session, stream, epochName, partName, ...more] = key.startsWith(all)
    ? key.slice(all.length).split('/')
    : [];
  if (!harness || !session || !stream || more.length > 0) return undefined;
  if (epochName === undefined || partName === undefined || stream === 'blobs') return { harness, session };
  const epoch = decodeNumber(/^e([a-z0-9]+)$/.exec(epochName)?.[1], 6);
  const seq = decodeNumber(/^part-([a-z0-9]+)\.jsonl\.gz$/.exec(partName)?.[1], 8);
  return epoch === undefined || seq === undefined ? { harness, session } : { harness, session, stream, epoch, seq };
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

/** Register of an encrypted project: its public key, and the private ones wrapped for its members. */
export const keysPath = 'meta/keys';

/** Folders of slots whose content is names, states and numbers only. */
const plainFolders = ['agents', 'presence', 'cursors', 'floors', 'meta'];

/**
 * How the object at `key` is kept in an encrypted project: as it is, with its header plain, with its head plain, or
 * encrypted whole. What is not named here is encrypted whole.
 */
export function sealingOf(project: string, key: string): 'plain' | 'part' | 'slot' | 'whole' {
  const all = projectPrefix(project);
  if (!key.startsWith(all)) return 'plain';
  const path = key.slice(all.length);
  if (plainFolders.includes(path.split('/')[0] ?? '')) return 'plain';
  if (/^sessions\/.*\/e[a-z0-9]+\/[^/]+\.jsonl\.gz$/.test(path)) return 'part';
  return parseSlotKey(project, key) === undefined ? 'whole' : 'slot';
}

/** Where a sealed part lies: the same name, but for its end. */
export function sealedPartKey(key: string): string {
  return key.replace(/\.jsonl\.gz$/, '.age');
}

/** The inverse of `sealedPartKey`; any other key stays. */
export function unsealedPartKey(key: string): string {
  return key.replace(/(\/e[a-z0-9]+\/[^/]+)\.age$/, '$1.jsonl.gz');
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

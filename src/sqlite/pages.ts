import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { CairnError } from '../errors.ts';
import { fileError, Moved } from './failure.ts';
import { WalFrames } from './wal.ts';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const magic = Buffer.from('SQLite format 3\0');

/**
 * The pages of a live database as of its last commit, read one by one as they are wanted, without a lock: the
 * database file with the committed frames of the write-ahead log laid over. What makes a lock unnecessary is `holds`:
 * afterwards it says whether anything that was read can have come from a later moment.
 */
export class DatabasePages {
  readonly #path: string;
  readonly #file: number;
  readonly #walFile: number | undefined;
  readonly #wal: WalFrames | undefined;
  readonly #stamp: string;
  readonly #pageSize: number;
  /** Pages that were taken from the database file itself. */
  readonly #taken = new Set<number>();
  #short = false;
  /** Bytes of the database as of the last commit. */
  readonly length: number;

  /** @throws CairnError `not-found`, `denied`, `corrupt`; Moved while a transaction is being written */
  constructor(path: string) {
    this.#path = path;
    this.#file = openFile(path);
    let walFile: number | undefined;
    try {
      this.#stamp = stampOf(this.#file);
      if (hasJournal(path)) throw new Moved('a rollback journal stands beside it');
      const header = Buffer.alloc(100);
      const read = readSync(this.#file, header, 0, header.length, 0);
      walFile = openIfPresent(`${path}-wal`);
      const wal = walFile === undefined ? undefined : WalFrames.open(walFile);
      if (wal !== undefined && walFile !== undefined) wal.advance(walFile);
      this.#wal = wal;
      this.#walFile = walFile;
      if (read > 0 && header.compare(magic, 0, 16, 0, Math.min(16, read)) !== 0) {
        throw new CairnError('corrupt', `Expected an SQLite database, got something else: ${path}`);
      }
      const committed = wal?.databasePages ?? 0;
      const declared = header.readUInt16BE(16);
      this.#pageSize = committed > 0 ? (wal?.pageSize ?? 0) : declared === 1 ? 65_536 : declared;
      // Looked at behind the log: one without a commit has just begun again, and all before it is in the file.
      const pages = committed || Math.floor(fstatSync(this.#file).size / (this.#pageSize || 1));
      this.length = pages * this.#pageSize;
    } catch (error) {
      closeSync(this.#file);
      if (walFile !== undefined) closeSync(walFile);
      throw error;
    }
  }

  /** The bytes from `from` to before `to`. */
  read(from: number, to: number): Buffer {
    const bytes = Buffer.alloc(to - from);
    for (let at = from; at < to; ) {
      const page = Math.floor(at / this.#pageSize);
      const inPage = at - page * this.#pageSize;
      const end = Math.min(to, (page + 1) * this.#pageSize);
      const frame = this.#wal?.pages.get(page + 1);
      if (frame === undefined) this.#taken.add(page + 1);
      const source = frame === undefined || this.#walFile === undefined ? this.#file : this.#walFile;
      const read = readSync(source, bytes, at - from, end - at, frame === undefined ? at : frame + inPage);
      if (read < end - at) this.#short = true;
      at = end;
    }
    // The read and write version: the pages are whole as they are, and whoever reads them looks for no log.
    for (const at of [18, 19]) if (from <= at && at < to) bytes[at - from] = 1;
    return bytes;
  }

  /**
   * Whether all that was read is of one moment. With a log, the database file changes only by a checkpoint, which
   * copies committed pages: those of the frames known here were read from the log, so only a page that a later frame
   * holds can have been newer. Where there was no log, the file itself must not have changed.
   */
  holds(): boolean {
    if (this.#short || !isFile(this.#path, this.#file) || hasJournal(this.#path)) return false;
    const walFile = openIfPresent(`${this.#path}-wal`);
    try {
      if (this.#wal === undefined || walFile === undefined) {
        const absent = walFile === undefined || WalFrames.open(walFile) === undefined;
        return this.#wal === undefined && absent && stampOf(this.#file) === this.#stamp;
      }
      for (const page of this.#wal.advance(walFile)) if (this.#taken.has(page)) return false;
      // Last: a log that begins again writes its header first, and then over the frames that were looked at.
      return WalFrames.open(walFile)?.header.equals(this.#wal.header) ?? false;
    } finally {
      if (walFile !== undefined) closeSync(walFile);
    }
  }

  close(): void {
    closeSync(this.#file);
    if (this.#walFile !== undefined) closeSync(this.#walFile);
  }
}

/** Whether a transaction without a write-ahead log is under way, or was cut short. */
function hasJournal(path: string): boolean {
  const file = openIfPresent(`${path}-journal`);
  if (file === undefined) return false;
  try {
    // One that is kept between transactions has its header zeroed.
    const first = Buffer.alloc(1);
    return readSync(file, first, 0, 1, 0) === 1 && first[0] !== 0;
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, flags);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, flags);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(path, cause);
  }
}

function stampOf(file: number): string {
  const { size, mtimeNs, ctimeNs } = fstatSync(file, { bigint: true });
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

function isFile(path: string, file: number): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const then = fstatSync(file, { bigint: true });
  return now?.dev === then.dev && now.ino === then.ino;
}

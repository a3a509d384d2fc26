import { parquetWriteBuffer } from 'hyparquet-writer';
import type { CatalogLine } from '../mirror/meta.ts';
import { isTableKey, tableKey, tablesManifestKey } from '../store/keys.ts';
import type { BucketStore } from '../store/types.ts';
import type { ExportSource } from './source.ts';
import { type Column, dayOf, type EventRow, eventColumns, sessionColumns } from './tables.ts';

/** Rows of a file: what is held in memory of a partition. */
const fileRows = 20_000;
/** Partitions that are being filled hold so many rows together. */
const heldRows = 60_000;

/** What was written: also in `manifest.json` beside the tables. */
export interface TablesManifest {
  readonly cairn: 'tables';
  readonly v: 1;
  readonly files: readonly { readonly path: string; readonly rows: number; readonly bytes: number }[];
}

interface Partition<T> {
  readonly table: 'events' | 'sessions';
  readonly columns: readonly Column<T>[];
  readonly date: string | undefined;
  readonly harness: string;
  rows: T[];
  files: number;
}

/**
 * Writes sessions as two tables of Parquet files, parted by date and harness, into an empty place or one that holds an
 * earlier export, which is replaced.
 */
export class TableWriter {
  readonly #target: BucketStore;
  readonly #partitions = new Map<string, Partition<EventRow> | Partition<CatalogLine>>();
  readonly #files: TablesManifest['files'][number][] = [];
  #held = 0;

  constructor(target: BucketStore) {
    this.#target = target;
  }

  /** Adds a session whose line is known. */
  async add(source: ExportSource, line: CatalogLine): Promise<void> {
    const sessions = this.#partition('sessions', sessionColumns, line);
    sessions.rows.push(line);
    const events = this.#partition('events', eventColumns, line);
    for (const stream of source.streams) {
      for await (const event of source.events(stream)) {
        events.rows.push({ session: source.session, event });
        this.#held++;
        if (events.rows.length >= fileRows) await this.#write(events);
        else if (this.#held >= heldRows) await this.#writeAll();
      }
    }
  }

  /** Writes what is left, then the manifest; then what an earlier export left behind goes. */
  async finish(): Promise<TablesManifest> {
    await this.#writeAll();
    const manifest: TablesManifest = { cairn: 'tables', v: 1, files: this.#files };
    await this.#target.overwrite(tablesManifestKey, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
    const written = new Set(this.#files.map(({ path }) => path));
    for (const table of ['events/', 'sessions/']) {
      for await (const entry of this.#target.list(table)) {
        if ('key' in entry && isTableKey(entry.key) && !written.has(entry.key)) await this.#target.remove(entry.key);
      }
    }
    return manifest;
  }

  #partition<T>(table: 'events' | 'sessions', columns: readonly Column<T>[], line: CatalogLine): Partition<T> {
    const date = dayOf(line);
    const id = JSON.stringify([table, date, line.harness]);
    const known = this.#partitions.get(id) as Partition<T> | undefined;
    if (known) return known;
    const partition: Partition<T> = { table, columns, date, harness: line.harness, rows: [], files: 0 };
    this.#partitions.set(id, partition as Partition<EventRow> | Partition<CatalogLine>);
    return partition;
  }

  async #writeAll(): Promise<void> {
    for (const partition of this.#partitions.values()) {
      await (partition.table === 'events'
        ? this.#write(partition as Partition<EventRow>)
        : this.#write(partition as Partition<CatalogLine>));
    }
  }

  async #write<T>(partition: Partition<T>): Promise<void> {
    const { table, columns, date, harness, rows } = partition;
    if (rows.length === 0) return;
    const path = tableKey(table, date, harness, partition.files++);
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: columns.map(({ name, type, of }) => ({
          name,
          type,
          nullable: true,
          data: rows.map((row) => of(row) ?? null),
        })),
      }),
    );
    await this.#target.overwrite(path, bytes);
    this.#files.push({ path, rows: rows.length, bytes: bytes.length });
    if (table === 'events') this.#held -= rows.length;
    partition.rows = [];
  }
}

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nativeModule } from '../../src/sqlite/native.ts';
import { openDatabase } from '../../src/sqlite/open.ts';
import { DatabasePages } from '../../src/sqlite/pages.ts';
import type { SqliteView } from '../../src/sqlite/types.ts';
import { startWriter, type Writer, withoutWriter } from './writer.ts';

const engines = ['native', 'wasm'] as const;
const tables = ['ledger', 'state', 'kinds', 'visible'];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a folder holds, to the byte, and when it was written. */
function fingerprint(folder: string): string {
  const files = readdirSync(folder)
    .sort()
    .map((name) => {
      const { mtimeNs, ctimeNs, ino, mode } = statSync(join(folder, name), { bigint: true });
      const sha256 = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return `${name} ${sha256} ${mtimeNs} ${ctimeNs} ${ino} ${mode}`;
    });
  return files.join('\n');
}

const schema = [
  'CREATE TABLE ledger (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, filler TEXT NOT NULL)',
  'CREATE INDEX ledger_n ON ledger (n, id)',
  'CREATE TABLE state (tick INTEGER NOT NULL, count INTEGER NOT NULL, sum INTEGER NOT NULL)',
  'CREATE TABLE secret (token TEXT)',
  'INSERT INTO state VALUES (0, 0, 0)',
];

/** A transaction that moves rows about, and says in `state` what must be true after it. */
function transaction(step: number): string[] {
  const filler = `hex(randomblob(${[20, 300, 9000][step % 3]}))`;
  const moves = [
    `INSERT INTO ledger (n, filler) VALUES (${step % 97}, ${filler})`,
    `UPDATE ledger SET n = n + 1, filler = ${filler} WHERE id % 5 = ${step % 5}`,
    `DELETE FROM ledger WHERE id IN (SELECT id FROM ledger ORDER BY id LIMIT (SELECT max(0, count(*) - 60) FROM ledger))`,
  ];
  const settle = `UPDATE state SET tick = tick + 1, count = (SELECT count(*) FROM ledger), sum = (SELECT coalesce(sum(n), 0) FROM ledger)`;
  return ['BEGIN IMMEDIATE', ...moves, settle, 'COMMIT'];
}

/** Table, index and what the writer said of them, as one moment has them; its tick. */
function checked(view: SqliteView): number {
  const [state] = view.rows('SELECT tick, count, sum FROM state');
  const rows = [...view.rows('SELECT id, n, length(filler) AS length, filler FROM ledger NOT INDEXED')];
  const indexed = [...view.rows('SELECT id, n FROM ledger INDEXED BY ledger_n ORDER BY n, id')];
  const sum = rows.reduce((total, { n }) => total + Number(n), 0);
  if (rows.some(({ filler, length }) => String(filler).length !== length)) throw new Error('a row is cut');
  if (state?.count !== rows.length || state.sum !== sum || indexed.length !== rows.length) {
    throw new Error(
      `two moments: ${JSON.stringify(state)}, ${rows.length} rows, ${indexed.length} in the index, sum ${sum}`,
    );
  }
  return Number(state.tick);
}

for (const engine of engines) {
  const absent = engine === 'native' && nativeModule() === undefined ? 'this Node has no SQLite' : withoutWriter;
  describe.skipIf(absent !== undefined)(
    `sqlite contract: ${engine}${absent === undefined ? '' : ` (${absent})`}`,
    () => {
      async function database(
        mode: 'wal' | 'delete' = 'wal',
      ): Promise<{ folder: string; path: string; writer: Writer }> {
        const folder = temporaryFolder();
        const path = join(folder, 'live.sqlite');
        const writer = startWriter(path);
        onTestFinished(() => writer.kill());
        await writer.run(`PRAGMA journal_mode=${mode}`, ...schema);
        return { folder, path, writer };
      }
      const open = (path: string, allowed = tables) => openDatabase(path, { tables: allowed, engine });

      test('values of every kind', async () => {
        const { path, writer } = await database();
        await writer.run(
          'CREATE TABLE kinds (a TEXT, b BLOB, c INTEGER, d REAL, e INTEGER, f TEXT, g)',
          `INSERT INTO kinds VALUES (char(0) || 'json:[1]', x'00ff', 9007199254740993, 17.0, -5, 'æ 👍', NULL)`,
        );
        const [row] = await open(path).snapshot((view) => [
          ...view.rows('SELECT * FROM kinds WHERE e = ? AND f = ?', -5, 'æ 👍'),
        ]);
        expect({ ...row, b: row?.b instanceof Uint8Array && [...row.b] }).toEqual({
          a: '\u0000json:[1]',
          b: [0, 255],
          c: 9007199254740993n,
          d: 17,
          e: -5,
          f: 'æ 👍',
          g: null,
        });
        expect(await open(path).snapshot((view) => view.columns('kinds'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
        expect(await open(path).snapshot((view) => view.columns('visible'))).toEqual([]);
      });

      test('reads only what is allowed, and never writes', async () => {
        const { path, writer } = await database();
        await writer.run('CREATE VIEW visible AS SELECT token FROM secret', `INSERT INTO secret VALUES ('hidden')`);
        const refused = [
          'SELECT * FROM secret',
          'SELECT * FROM visible',
          'SELECT (SELECT token FROM secret) FROM state',
          'WITH s AS (SELECT token FROM secret) SELECT * FROM s',
          'SELECT tick FROM state WHERE EXISTS (SELECT 1 FROM secret)',
          'SELECT * FROM sqlite_schema',
          `SELECT * FROM pragma_table_info('secret')`,
          `DELETE FROM state`,
          'PRAGMA journal_mode=DELETE',
          "ATTACH DATABASE ':memory:' AS other",
        ];
        for (const sql of refused) {
          await expect(
            open(path).snapshot((view) => [...view.rows(sql)]),
            sql,
          ).rejects.toMatchObject({ code: 'denied' });
        }
        expect(await open(path).snapshot((view) => [...view.rows('SELECT tick FROM state')])).toEqual([{ tick: 0 }]);
      });

      test('what is no database says so', async () => {
        const { folder, path, writer } = await database();
        await writer.close();
        const snapshot = (name: string) =>
          open(join(folder, name)).snapshot((view) => [...view.rows('SELECT * FROM state')]);
        await expect(snapshot('none')).rejects.toMatchObject({ code: 'not-found' });
        writeFileSync(join(folder, 'text'), 'no database at all, but longer than a header'.repeat(20));
        await expect(snapshot('text')).rejects.toMatchObject({ code: 'corrupt' });
        symlinkSync(path, join(folder, 'link'));
        await expect(snapshot('link')).rejects.toMatchObject({ code: 'corrupt' });
        copyFileSync(path, join(folder, 'cut'));
        truncateSync(join(folder, 'cut'), 4096);
        await expect(snapshot('cut')).rejects.toMatchObject({ code: expect.stringMatching(/corrupt|unavailable/) });
        if (process.getuid?.() !== 0) {
          copyFileSync(path, join(folder, 'closed'));
          chmodSync(join(folder, 'closed'), 0);
          await expect(snapshot('closed')).rejects.toMatchObject({ code: 'denied' });
        }
      });

      test('nothing beside a database that nobody has open is made, locked or changed', async () => {
        const { folder, path, writer } = await database();
        for (let step = 0; step < 20; step++) await writer.run(...transaction(step));
        await writer.close();
        expect(readdirSync(folder)).toEqual(['live.sqlite']);
        const before = fingerprint(folder);
        for (let n = 0; n < 5; n++) expect(await open(path).snapshot(checked)).toBe(20);
        expect(fingerprint(folder)).toBe(before);
      });

      test('a log that was left behind is read as it is', async () => {
        const { folder, path, writer } = await database();
        await writer.run('PRAGMA wal_autocheckpoint=0');
        for (let step = 0; step < 20; step++) await writer.run(...transaction(step));
        await writer.kill();
        const copy = temporaryFolder();
        for (const name of ['live.sqlite', 'live.sqlite-wal']) copyFileSync(join(folder, name), join(copy, name));
        expect(await open(path).snapshot(checked)).toBe(20);
        // The last commit is torn: what stands before it holds.
        const log = join(copy, 'live.sqlite-wal');
        truncateSync(log, statSync(log).size - 100);
        const before = fingerprint(copy);
        expect(await open(join(copy, 'live.sqlite')).snapshot(checked)).toBe(19);
        if (engine === 'wasm') expect(fingerprint(copy)).toBe(before);
        // A frame in the middle is not what its checksum says.
        const bytes = readFileSync(log);
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        rmSync(`${join(copy, 'live.sqlite')}-shm`, { force: true });
        writeFileSync(log, bytes);
        const tick = await open(join(copy, 'live.sqlite')).snapshot(checked);
        expect(tick).toBeGreaterThan(0);
        expect(tick).toBeLessThan(19);
      });

      test('a database that was replaced is read anew', async () => {
        const { folder, path, writer } = await database();
        await writer.run(...transaction(1));
        await writer.run(`VACUUM INTO '${join(folder, 'other.sqlite')}'`, ...transaction(2));
        const live = open(path);
        expect(await live.snapshot(checked)).toBe(2);
        await writer.close();
        renameSync(join(folder, 'other.sqlite'), path);
        expect(await live.snapshot(checked)).toBe(1);
      });

      for (const mode of ['wal', 'delete'] as const) {
        test(`2,000 snapshots of a database in ${mode} mode under a live writer: whole, and none goes back`, async () => {
          const { folder, path, writer } = await database(mode);
          let over = false;
          let step = 0;
          const write = async () => {
            while (!over) {
              const batch: string[] = [];
              for (let n = 0; n < (mode === 'wal' ? 40 : 4); n++, step++) {
                batch.push(...transaction(step));
                if (step % 90 === 20) batch.push('PRAGMA wal_checkpoint(PASSIVE)');
                if (step % 90 === 40) batch.push('PRAGMA wal_checkpoint(RESTART)');
                if (step % 90 === 60) batch.push('PRAGMA wal_checkpoint(TRUNCATE)');
                if (step % 90 === 80) batch.push('VACUUM');
              }
              await writer.run(...batch);
              // Without a log nothing can be read while a transaction is written.
              if (mode === 'delete') await delay(10);
            }
          };
          const writers = [write(), write()];
          const live = open(path);
          const ticks = new Set<number>();
          try {
            for (let newest = 0, n = 0; n < 2000; n++) {
              const tick = await live.snapshot(checked);
              expect(tick).toBeGreaterThanOrEqual(newest);
              newest = tick;
              ticks.add(tick);
              // The writer's next statements are sent from here.
              await new Promise((resolve) => setImmediate(resolve));
            }
          } finally {
            over = true;
            await Promise.all(writers);
          }
          // The writer did not stand still.
          expect(ticks.size).toBeGreaterThan(100);
          await writer.close();
          expect(await live.snapshot(checked)).toBe(step);
          expect(readdirSync(folder)).toEqual(['live.sqlite']);
        }, 300_000);
      }
    },
  );
}

describe.skipIf(withoutWriter !== undefined)('pages without a lock', () => {
  test('a database that is too large says which Node reads it', async () => {
    const path = join(temporaryFolder(), 'large.sqlite');
    const writer = startWriter(path);
    await writer.run(...schema);
    await writer.close();
    // Mostly a hole.
    truncateSync(path, 2 ** 31 + 4096);
    const snapshot = openDatabase(path, { tables, engine: 'wasm' }).snapshot((view) => [
      ...view.rows('SELECT * FROM state'),
    ]);
    await expect(snapshot).rejects.toMatchObject({
      code: 'too-large',
      hint: expect.stringContaining('Node 24, or 22.13'),
    });
  });

  test('whatever holds passes the integrity check of SQLite', async () => {
    const { default: load } = await import('sql.js');
    const { Database } = await load();
    const folder = temporaryFolder();
    const path = join(folder, 'live.sqlite');
    const writer = startWriter(path);
    onTestFinished(() => writer.kill());
    await writer.run('PRAGMA journal_mode=wal', 'PRAGMA wal_autocheckpoint=20', ...schema);
    let over = false;
    let step = 0;
    const write = async () => {
      while (!over) await writer.run(...Array.from({ length: 40 }, () => transaction(step++)).flat());
    };
    const writers = [write(), write()];
    let held = 0;
    let moved = 0;
    try {
      while (held < 2000) {
        const pages = new DatabasePages(path);
        try {
          const image = new Uint8Array(pages.read(0, pages.length));
          if (!pages.holds()) {
            moved++;
            await new Promise((resolve) => setImmediate(resolve));
            continue;
          }
          held++;
          const database = new Database(image);
          const statement = database.prepare('PRAGMA integrity_check');
          statement.step();
          expect(statement.get(null, { useBigInt: true })).toEqual(['ok']);
          statement.free();
          database.close();
        } finally {
          pages.close();
        }
        if (held % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      over = true;
      await Promise.all(writers);
    }
    // Else the check of what moved was never needed.
    expect(moved).toBeGreaterThan(0);
  }, 300_000);
});

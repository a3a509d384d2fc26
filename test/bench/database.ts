import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { HermesSource, OpenclawSource } from '../mirror/database-source.ts';
import { table } from '../table.ts';
import { type Measure, measure } from './measure.ts';
import { Random } from './random.ts';
import { texts } from './text.ts';

/** One large database with many sessions: the first mirror, a run with nothing new, and one row more. */
const { values: options } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    sessions: { type: 'string', default: '1000' },
    /** A Node with SQLite, to be compared with the one that runs this. */
    node: { type: 'string', default: process.env.CAIRN_NODE ?? process.execPath },
    /** Where the databases and buckets go. */
    folder: { type: 'string', default: tmpdir() },
  },
});

const program = join(import.meta.dirname, '../../../dist/src/cli/main.js');
const rowBytes = 2048;
const sessions = Number(options.sessions);
const rows = Math.floor((Number(options.mib) * 1024 * 1024) / rowBytes / sessions);

const folder = await mkdtemp(join(options.folder, 'cairn-database-'));
try {
  const lines: (readonly (string | number)[])[] = [];
  for (const harness of ['openclaw', 'hermes'] as const) {
    const home = join(folder, harness);
    const source = new { openclaw: OpenclawSource, hermes: HermesSource }[harness](home, Math.random);
    await source.open();
    await fill(source, harness);
    const { size } = await stat(source.path);
    for (const [engine, node] of [
      ['native', options.node],
      ['wasm', process.execPath],
    ] as const) {
      const run = () => mirror(node, harness, home, join(folder, `${harness}-${engine}`));
      const first = await run();
      const idle = await run();
      await source.run('another');
      const change = await run();
      const rate = `${(size / 1e6 / first.seconds).toFixed(0)} MB/s`;
      lines.push([harness, engine, mb(size), ...cells(first), rate, ...cells(idle), ...cells(change)]);
      console.log(lines.at(-1)?.join(' | '));
      await rm(join(folder, `${harness}-${engine}`), { recursive: true });
    }
    await source.close();
    await rm(home, { recursive: true });
  }
  const of = (run: string) => [`${run}, s`, 'read', 'RSS'];
  const head = ['harness', 'engine', 'database', ...of('first'), 'rate', ...of('nothing new'), ...of('one row')];
  console.log(table(head, lines));
} finally {
  await rm(folder, { recursive: true });
}

/** Fills in sessions beside `s1` and `s2`, in the database's own process. */
async function fill(source: OpenclawSource | HermesSource, harness: 'openclaw' | 'hermes'): Promise<void> {
  const prose = texts(new Random(1)).prose;
  const text = Array.from({ length: 64 }, (_, n) =>
    prose
      .slice(n, n + 40)
      .join(' ')
      .slice(0, rowBytes - 200),
  );
  const values = text.map((content, n) => `(${n}, '${content.replaceAll("'", "''")}')`);
  await source.statements(
    'CREATE TEMP TABLE texts (n INTEGER PRIMARY KEY, content TEXT)',
    `INSERT INTO texts VALUES ${values}`,
  );
  const numbers = `WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n < ${rows - 1})`;
  for (let session = 0; session < sessions; session++) {
    const id = `b${session}`;
    const pick = `JOIN texts ON texts.n = (r.n * 7 + ${session}) % 64`;
    await source.statements(
      ...(harness === 'openclaw'
        ? [
            `INSERT INTO session_windows VALUES ('${id}', 'agent:main:${id}', NULL, 'initial', 1, NULL)`,
            `INSERT INTO transcript_rewrite_watermarks VALUES ('${id}', 'g0', 1)`,
            `${numbers} INSERT INTO transcript_events SELECT '${id}', r.n, json_object('type', 'message', 'id', 'e' || r.n, 'message',
               json_object('role', 'user', 'content', content)), NULL, NULL, 1 FROM r ${pick}`,
          ]
        : [
            `INSERT INTO sessions (id, source, started_at, model) VALUES ('${id}', 'cli', 1795169700.0, 'm')`,
            `${numbers} INSERT INTO messages (session_id, role, content, timestamp) SELECT '${id}', 'user', content, 1795169700.0 + r.n FROM r ${pick}`,
          ]),
    );
  }
  await source.statements('PRAGMA wal_checkpoint(TRUNCATE)');
}

function mirror(node: string, harness: string, home: string, place: string): Promise<Measure> {
  const command = [node, program, 'session', 'mirror', '--harness', harness, '--all', '--json'];
  return measure([...command, '--bucket', pathToFileURL(join(place, 'bucket')).href], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_STATE_HOME: join(place, 'state'),
      XDG_CONFIG_HOME: join(place, 'config'),
      XDG_DATA_HOME: join(place, 'data'),
    },
  });
}

function cells({ seconds, bytesRead, peakRss }: Measure): readonly string[] {
  return [seconds.toFixed(2), mb(bytesRead), mb(peakRss)];
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

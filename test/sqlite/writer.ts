import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Takes a JSON array of statements a line, runs them, and answers `ok` or what went wrong. */
const drivers = {
  node: `
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
const db = new DatabaseSync(process.argv[1], { timeout: 10000 });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  try {
    for (const sql of JSON.parse(line)) db.exec(sql);
    process.stdout.write('ok\\n');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    process.stdout.write(JSON.stringify(String(error)) + '\\n');
  }
}).on('close', () => db.close());`,
  python: `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
for line in sys.stdin:
    try:
        for sql in json.loads(line):
            db.execute(sql).fetchall()
        print('ok', flush=True)
    except Exception as error:
        if db.in_transaction: db.execute('ROLLBACK')
        print(json.dumps(str(error)), flush=True)
db.close()`,
};

/** Another process with the database open, as an agent has it. */
export interface Writer {
  /** Runs statements in that process, one after another. */
  run(...statements: readonly string[]): Promise<void>;
  /** Closes the database and ends. */
  close(): Promise<void>;
  /** Ends it where it stands. */
  kill(): Promise<void>;
}

const command = findDriver();

/** Why there is no writer here; nothing where there is one. */
export const withoutWriter = command === undefined ? 'neither Node >= 22.13 nor python3 is here' : undefined;

export function startWriter(path: string): Writer {
  if (command === undefined) throw new Error(withoutWriter);
  const child = spawn(command.program, [...command.arguments, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout });
  const waiting: ((answer: string) => void)[] = [];
  answers.on('line', (line) => waiting.shift()?.(line));
  const exited = once(child, 'exit');
  return {
    async run(...statements) {
      const answer = new Promise<string>((resolve) => waiting.push(resolve));
      child.stdin.write(`${JSON.stringify(statements)}\n`);
      const said = await answer;
      if (said !== 'ok') throw new Error(`${JSON.parse(said)}: ${statements.join('; ').slice(0, 300)}`);
    },
    async close() {
      child.stdin.end();
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** `CAIRN_NODE` names a Node that has SQLite, where this one has none. */
function findDriver(): { readonly program: string; readonly arguments: readonly string[] } | undefined {
  for (const program of [process.execPath, process.env.CAIRN_NODE]) {
    if (program === undefined) continue;
    const { stdout } = spawnSync(program, ['-p', "!!process.getBuiltinModule?.('node:sqlite')"], { encoding: 'utf8' });
    if (stdout.trim() === 'true') return { program, arguments: ['-e', drivers.node] };
  }
  const python = spawnSync('python3', ['-c', 'import sqlite3']);
  return python.status === 0 ? { program: 'python3', arguments: ['-c', drivers.python] } : undefined;
}

/** What the redactor finds, what it damages and what it costs, beside other tools that npm installs. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, cpus, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRedactor } from '../../../src/redact/redactor.ts';
import { hostileUnits } from '../../redact/hostile-units.ts';
import { table } from '../../table.ts';
import { judge, testSets } from './quality.ts';
import { writeTranscript } from './transcript.ts';

const { values: options } = parseArgs({
  options: {
    /** Folder with positives.jsonl.gz and negatives.jsonl.gz. */
    set: { type: 'string' },
    /** Size of the large transcript, in MB. */
    mb: { type: 'string', default: '200' },
    /** Of the generated set; default one that was not there before. */
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** No speed. */
    quality: { type: 'boolean', default: false },
    /** Leave the other tools out. */
    alone: { type: 'boolean', default: false },
  },
});

const repository = join(import.meta.dirname, '../../../..');
const versions = {
  '@secretlint/core': '12.0.0',
  '@secretlint/secretlint-rule-preset-recommend': '12.0.0',
  openredaction: '1.1.5',
  'redact-pii': '3.4.0',
};
const peers = ['secretlint', 'openredaction', 'redact-pii'];

/** Installs the other tools once, outside the repository. */
function installPeers(): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cairn-bench-redaction');
  if (existsSync(join(folder, 'node_modules/redact-pii'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, stdio: 'ignore' });
  return folder;
}

const folder = mkdtempSync(join(tmpdir(), 'cairn-redaction-'));

/** A tool that takes longer, in ms, is not waited for. */
const patience = 90_000;
/** What `timeout` exits with. */
const timedOut = 124;

interface Run {
  /** Infinite where the filter is not done in time. */
  readonly seconds: number;
  /** Of the processor, all threads together; undefined without GNU time. */
  readonly work: number | undefined;
}

/** A filter from file to file, with the start of its process; `core` keeps it on one. */
function run(command: readonly string[], input: string, output: string, core = false): Run {
  const tally = join(folder, 'time');
  const all = [
    ...(existsSync('/usr/bin/time') ? ['/usr/bin/time', '-o', tally, '-f', '%U %S'] : []),
    // Ends the tool itself, not only what measures it.
    '/usr/bin/timeout',
    String(patience / 1000),
    ...(core && existsSync('/usr/bin/taskset') ? ['/usr/bin/taskset', '-c', '0'] : []),
    ...command,
  ];
  const from = openSync(input, 'r');
  const to = openSync(output, 'w');
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(all[0] as string, all.slice(1), { stdio: [from, to, 'inherit'] });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  closeSync(from);
  closeSync(to);
  if (status === timedOut) return { seconds: Number.POSITIVE_INFINITY, work: undefined };
  if (status !== 0) throw new Error(`${all.join(' ')}: exit ${status}`);
  const work = existsSync(tally) ? readFileSync(tally, 'utf8').trim().split(' ').map(Number) : undefined;
  return { seconds, work: work?.reduce((sum, part) => sum + part, 0) };
}

/** The best of three runs, of one that takes long the first. */
function best(...given: Parameters<typeof run>): Run {
  const first = run(...given);
  if (first.seconds > patience / 1000 / 10) return first;
  return [first, run(...given), run(...given)].reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

function lines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Bytes of a line of nothing but one unit, and lines of a file of them. */
const hostileLine = 2 << 20;
const hostileLines = 24;

/** Cost of a byte of a transcript, and of the dearest inputs, in nanoseconds of the processor. */
function dearest(transcript: string): {
  readonly mean: number;
  readonly units: readonly (readonly [string, number])[];
} {
  const redactor = () => createRedactor({ key: Buffer.alloc(32, 7) });
  const cost = (bytes: Buffer) => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i += 1) {
      const begin = process.cpuUsage();
      redactor().redact(bytes);
      const { user, system } = process.cpuUsage(begin);
      best = Math.min(best, (1000 * (user + system)) / bytes.length);
    }
    return best;
  };
  const usual = readFileSync(transcript).subarray(0, 16 << 20);
  const mean = cost(usual.subarray(0, usual.lastIndexOf(10) + 1));
  const units = hostileUnits
    .map(
      (unit) => [unit, cost(Buffer.from(`${unit.repeat(Math.ceil(hostileLine / unit.length))}\n`, 'latin1'))] as const,
    )
    .sort((a, b) => b[1] - a[1])
    .slice(0, 8);
  return { mean, units };
}

try {
  const cairn = [process.execPath, join(import.meta.dirname, 'filter.js')];
  const cache = options.alone ? '' : installPeers();
  const tools: Readonly<Record<string, readonly string[]>> = {
    cairn,
    ...(options.alone
      ? {}
      : Object.fromEntries(
          peers.map((name) => [
            name,
            [process.execPath, join(repository, 'test/bench/redaction/peer.mjs'), cache, name],
          ]),
        )),
  };
  const out = join(folder, 'out.jsonl');
  const rows: string[][] = [];
  for (const { name, samples } of testSets(options.set, Number(options.seed))) {
    const input = join(folder, 'set.jsonl');
    writeFileSync(input, samples.map(({ line }) => `${line}\n`).join(''));
    for (const [tool, command] of Object.entries(tools)) {
      if (run(command, input, out).seconds === Number.POSITIVE_INFINITY) {
        rows.push([name, tool, `over ${patience / 1000} s`, '', '']);
        continue;
      }
      const { recall, falsePositives, invalid } = judge(samples, lines(out));
      rows.push([name, tool, percent(recall), percent(falsePositives), String(invalid)]);
    }
  }
  console.log(`${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.versions.node}\n`);
  console.log(table(['set', 'tool', 'recall', 'false positives', 'invalid lines'], rows));

  if (!options.quality) measureSpeed(cairn, tools, out);
} finally {
  rmSync(folder, { recursive: true });
}

function measureSpeed(cairn: readonly string[], tools: Readonly<Record<string, readonly string[]>>, out: string): void {
  const packages = join(repository, 'node_modules');
  const speeds: string[][] = [];
  const slow = new Set<string>();
  /** Seconds for a byte of the transcript of 50 MB. */
  let usual = 0;
  for (const mb of [2, 50, Number(options.mb)]) {
    const input = join(folder, 'transcript.jsonl');
    const planted = writeTranscript(input, mb * 1e6, packages);
    const size = statSync(input).size / 1e6;
    let own = 0;
    for (const [tool, command] of Object.entries(tools)) {
      if (slow.has(tool) || (tool !== 'cairn' && mb > 50)) continue;
      const one = best(command, input, out, true);
      const text = readFileSync(out, 'latin1');
      const left = planted.filter(({ secrets }) => secrets.some((secret) => text.includes(secret))).length;
      const all = best(command, input, out);
      if (tool === 'cairn') own = one.seconds;
      if (tool === 'cairn' && mb === 50) usual = one.seconds / statSync(input).size;
      if (one.seconds > patience / 1000 / 25) slow.add(tool);
      const rate = ({ seconds }: Run) =>
        seconds === Number.POSITIVE_INFINITY ? 'too slow' : (size / seconds).toFixed(1);
      speeds.push([
        `${mb} MB`,
        tool,
        rate(one),
        rate(all),
        ((1000 * (one.work ?? Number.NaN)) / size).toFixed(1),
        (one.seconds / own).toFixed(1),
        `${planted.length - left} of ${planted.length}`,
      ]);
    }
  }
  console.log(
    `\n${table(['transcript', 'tool', 'MB/s, one core', 'MB/s, all cores', 'CPU ms/MB', 'time / cairn', 'secrets gone'], speeds)}`,
  );

  const input = join(folder, 'transcript.jsonl');
  const line = join(folder, 'line.jsonl');
  writeFileSync(line, `{"data":"${Buffer.alloc(30e6, 'a\u0001\u00fe\u0083x').toString('base64')}"}\n`);
  const empty = join(folder, 'empty.jsonl');
  writeFileSync(empty, '{}\n');
  console.log(
    `\nOne line of 40 MB: ${(best(cairn, line, out, true).seconds - best(cairn, empty, out, true).seconds).toFixed(2)} s.`,
  );
  const { mean, units } = dearest(input);
  console.log(`\nA byte of a transcript costs ${mean.toFixed(1)} ns in the redactor. Dearest inputs:\n`);
  const rows = units.map(([unit, cost]) => {
    writeFileSync(line, `${unit.repeat(Math.ceil(hostileLine / unit.length))}\n`.repeat(hostileLines), 'latin1');
    const time = best(cairn, line, out, true).seconds / statSync(line).size;
    return [JSON.stringify(unit), cost.toFixed(0), (cost / mean).toFixed(1), (time / usual).toFixed(1)];
  });
  console.log(table(['input', 'ns a byte', 'times the mean', 'file to file, 50 MB: times a transcript'], rows));
}

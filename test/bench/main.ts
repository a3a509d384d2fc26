import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Corpus, writeCorpus } from './corpus.ts';
import { machine, prepare } from './machine.ts';
import { round, type Sample } from './round.ts';
import { startup } from './startup.ts';
import { summarise } from './summary.ts';
import { tools } from './tools.ts';

const { values: options } = parseArgs({
  options: {
    /** Size of the backlog, in MiB. */
    mib: { type: 'string', default: '1024' },
    /** Count of the small sessions. */
    sessions: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    /** Only this tool; may be given more than once. */
    tool: { type: 'string', multiple: true },
    /** Only to this target: directory or rgw. */
    to: { type: 'string', multiple: true },
    /** Only this corpus: backlog, small or known. */
    corpus: { type: 'string', multiple: true },
    /** Leave docs/benchmarks.md as it is. */
    'print-only': { type: 'boolean', default: false },
  },
});

const backlogSessions = 32;
const seed = Number(options.seed);
const plans = [
  { name: 'backlog', sessions: backlogSessions, sessionBytes: (Number(options.mib) * 2 ** 20) / backlogSessions, seed },
  { name: 'small', sessions: Number(options.sessions), sessionBytes: 10_000, seed },
  { name: 'known', sessions: 1000, sessionBytes: 10_000, seed },
].filter(({ name }) => options.corpus?.includes(name) ?? true);
const chosen = tools.filter(
  ({ name, target }) => (options.tool?.includes(name) ?? true) && (options.to?.includes(target) ?? true),
);

await prepare(chosen);
const folder = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
try {
  const samples: Sample[] = [];
  const corpora: Corpus[] = [];
  for (const plan of plans) {
    const own = join(folder, plan.name);
    const corpus = await writeCorpus(plan, join(own, 'home'));
    corpora.push(corpus);
    for (let index = 0; index < Number(options.rounds); index++) {
      samples.push(...(await round(corpus, chosen, join(own, 'work'))));
      console.error(`${plan.name}: round ${index + 1} of ${options.rounds}`);
    }
    await rm(own, { recursive: true });
  }
  await report(samples, corpora);
} finally {
  await rm(folder, { recursive: true });
}

async function report(samples: readonly Sample[], corpora: readonly Corpus[]): Promise<void> {
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const sizes = corpora.map(
    ({ name, sessions, bytes }) => `${name}: ${sessions} sessions, ${(bytes / 1e6).toFixed(0)} MB`,
  );
  const text = [
    `\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${await machine()}.`,
    `Medians of ${options.rounds} rounds; ${sizes.join('; ')}.`,
    ...(chosen.some(({ name }) => name === 'cairn') ? [await startup()] : []),
    '',
    summarise(samples, corpora),
  ].join('\n');
  console.log(text);
  await mkdir('build', { recursive: true });
  await writeFile('build/bench.json', `${JSON.stringify(samples, undefined, 2)}\n`);
  if (!options['print-only']) await insert('docs/benchmarks.md', text);
}

/** Replaces what stands between the two markers of a page. */
async function insert(page: string, text: string): Promise<void> {
  const [start, end] = ['<!-- figures -->', '<!-- /figures -->'];
  const old = await readFile(page, 'utf8');
  const [before, rest] = old.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`expected ${start} and ${end} in ${page}`);
  await writeFile(page, `${before}${start}\n${text}\n${end}${after}`);
}

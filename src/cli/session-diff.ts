import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Pair, Step } from '../trajectory/diff.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import type { Prices } from '../trajectory/prices.ts';
import type { Statistics } from '../trajectory/statistics.ts';
import { sumTokens } from '../trajectory/tokens.ts';
import { defineCommand } from './command.ts';
import { iso } from './coordinate.ts';
import { firstLine, inputText, outputText } from './event-text.ts';
import { formatCost, formatCount, formatSpan } from './figures.ts';
import type { Output } from './output.ts';
import { openSession, type SessionSource, wantedStreams } from './session-source.ts';
import { truncate, visible } from './text.ts';

export const diffCommand = defineCommand({
  usage: 'diff [a] [b]',
  describe: 'Compare two runs: where they part, what each called, what came back',
  examples: [
    ['cairn session diff 49d9aac8 bab8b3f3', 'two sessions'],
    ['cairn session diff 49d9aac8@e0 49d9aac8@e1', 'two epochs of one'],
    ['cairn session diff 49d9aac8 bab8b3f3 --all', 'with the steps in which they are equal'],
    ['cairn session diff --task fix-login', 'the sessions that worked on a task; compares the last two'],
  ],
  epilogue:
    'Prompts, answers and calls are compared by what they say; ids and times are no difference, nor what the agent itself adds to a result. Exit 1 when the runs differ.',
  options: (yargs) =>
    yargs
      .positional('a', {
        type: 'string',
        describe: 'Id, unique beginning, or harness/id; @e1 behind it: that epoch',
      })
      .positional('b', { type: 'string', describe: 'The same of the other run' })
      .option('task', { type: 'string', describe: 'The runs of this task: sessions that held it under CAIRN_SESSION' })
      .option('run', {
        type: 'number',
        array: true,
        describe: 'With --task, twice: the runs to compare, by their numbers; default the last two',
      })
      .option('stream', { type: 'string', describe: 'Another stream than the transcript, of both' })
      .option('all', { type: 'boolean', describe: 'Also the steps that are equal' }),
  async run(args, { output, app: open, signal }) {
    const { align } = await import('../trajectory/diff.ts');
    const app = await open();
    const ids = args.task === undefined ? twoOf([args.a, args.b]) : await runsOfTask(app, args.task, args.run, output);
    const runs = await Promise.all(ids.map((id) => openSession(app, id, { output, signal })));
    const [a, b] = await Promise.all(runs.map((source) => readRun(source, args.stream, app.config.prices)));
    if (!a || !b) throw new Error('two runs were opened');
    const pairs = align(a.steps, b.steps);
    const first = pairs.findIndex(({ difference }) => difference !== 'same');
    const shown = args.all ? pairs : pairs.filter(({ difference }) => difference !== 'same');
    if (output.json) {
      for (const pair of shown) await output.object(pair);
      const divergence = first < 0 ? undefined : { step: first, ...pairs[first] };
      await output.object({
        same: first < 0,
        steps: pairs.length,
        differ: pairs.filter(({ difference }) => difference !== 'same').length,
        divergence,
        a: figuresOf(a.figures),
        b: figuresOf(b.figures),
      });
    } else await write(output, pairs, shown, first, [a.figures, b.figures]);
    return first < 0 ? undefined : 1;
  },
});

/** @throws CairnError `usage` */
function twoOf([a, b]: readonly (string | undefined)[]): readonly [string, string] {
  if (a !== undefined && b !== undefined) return [a, b];
  throw new CairnError('usage', `expected two sessions, got ${a === undefined ? 'none' : 'one'}`, {
    hint: 'give two ids, or --task',
  });
}

/** Lists the runs of a task and chooses two. @throws CairnError `not-found`, `usage` */
async function runsOfTask(
  app: App,
  task: string,
  wanted: readonly number[] | undefined,
  output: Output,
): Promise<readonly string[]> {
  const { runsOf } = await import('../coordination/runs.ts');
  const { slotSpace } = await import('../store/slots.ts');
  const { store, runtime, project } = app;
  const runs = await runsOf(slotSpace({ store, runtime, project, ordered: false, verify: 'stale' }), task);
  if (!runs) throw new CairnError('not-found', `expected a task ${JSON.stringify(task)}, found none`);
  const rows = runs.map((run, i) => ({ run: i + 1, ...run, from: iso(run.from), to: iso(run.to) }));
  if (output.json) for (const row of rows) await output.object(row);
  else if (rows.length > 0) {
    await output.table(rows, [
      { title: 'RUN', cell: ({ run }) => String(run), align: 'right' },
      { title: 'SESSION', cell: ({ session }) => session, flexible: true },
      { title: 'AGENT', cell: ({ agent }) => agent },
      { title: 'FROM', cell: ({ from }) => from },
      { title: 'TO', cell: ({ to }) => to, optional: true },
      { title: 'LEFT IT', cell: ({ state }) => state },
    ]);
    await output.line();
  }
  const numbers = wanted ?? [rows.length - 1, rows.length];
  const chosen = numbers.map((number) => rows[number - 1]?.session);
  const [a, b, ...more] = chosen;
  if (a !== undefined && b !== undefined && more.length === 0) return [a, b];
  throw new CairnError(
    wanted ? 'usage' : 'not-found',
    `expected two runs of ${JSON.stringify(task)}, got ${wanted ? `--run ${numbers.join(' --run ')}` : rows.length} of ${rows.length}`,
    { hint: 'an agent that works on a task says by CAIRN_SESSION=harness/id in which session' },
  );
}

async function readRun(source: SessionSource, stream: string | undefined, own: Prices) {
  const { stepsOf } = await import('../trajectory/diff.ts');
  const { listPrices } = await import('../trajectory/prices.ts');
  const { SessionFold, StatisticsSum } = await import('../trajectory/statistics.ts');
  const fold = new SessionFold();
  const events: RecordEvent[] = [];
  for await (const event of source.events({ wants: await wantedStreams(source.listing, stream), inline: 1 << 24 })) {
    fold.add(event);
    if (event.kind === 'message' || event.kind === 'tool_call' || event.kind === 'tool_result') events.push(event);
  }
  const sum = new StatisticsSum({ ...listPrices, ...own });
  sum.add(fold);
  return { steps: stepsOf(events, source.harness?.lasting), figures: sum.value };
}

function figuresOf({ turns, calls, failed, tokens, cost, unpriced, tools, startedAt, endedAt }: Statistics) {
  const durationMs = startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : undefined;
  return { turns, calls, failed, tokens, cost, unpriced, durationMs, tools: Object.fromEntries(tools) };
}

async function write(
  output: Output,
  pairs: readonly Pair[],
  shown: readonly Pair[],
  first: number,
  figures: readonly Statistics[],
): Promise<void> {
  const [a, b] = figures;
  if (!a || !b) return;
  const at = pairs[first];
  if (!at) await output.line(`The runs are equal in all ${pairs.length} steps.`);
  else {
    const equal = first === 0 ? 'The runs part at the first step' : `The runs are equal for ${first} steps, then part`;
    await output.line(output.style('bold', `${equal}: ${place(at.a)} / ${place(at.b)}`));
  }
  const width = (output.stdout.columns ?? 160) - 2;
  for (const pair of shown) {
    await output.line();
    await output.line(output.style('dim', `${words[pair.difference]}  ${place(pair.a)} / ${place(pair.b)}`));
    for (const line of pairLines(pair)) {
      const text = truncate(visible(line), width);
      await output.line(
        line.startsWith('-') ? output.style('red', text) : line.startsWith('+') ? output.style('green', text) : text,
      );
    }
  }
  await output.line();
  const span = ({ startedAt, endedAt }: Statistics) =>
    startedAt && endedAt ? formatSpan(Date.parse(endedAt) - Date.parse(startedAt)) : '';
  const rows: readonly (readonly [string, string, string])[] = [
    ['turns', String(a.turns), String(b.turns)],
    ['calls', String(a.calls), String(b.calls)],
    ['failed', String(a.failed), String(b.failed)],
    ['tokens', formatCount(sumTokens(a.tokens)), formatCount(sumTokens(b.tokens))],
    ['cost', formatCost(a.cost) || 'unknown', formatCost(b.cost) || 'unknown'],
    ['time', span(a), span(b)],
    ...[...new Set([...a.tools.keys(), ...b.tools.keys()])]
      .sort()
      .map((tool) => [tool, uses(a, tool), uses(b, tool)] as const),
  ];
  await output.table(rows, [
    { title: '', cell: ([name]) => name, flexible: true },
    { title: 'A', cell: ([, left]) => left, align: 'right' },
    { title: 'B', cell: ([, , right]) => right, align: 'right' },
  ]);
}

const words = {
  same: 'equal',
  changed: 'changed',
  output: 'other output',
  'only-a': 'only in A',
  'only-b': 'only in B',
} as const;

function place(step: Step | undefined): string {
  return step ? `event ${step.seq}, turn ${step.turn}` : '–';
}

function uses({ tools }: Statistics, name: string): string {
  const tool = tools.get(name);
  if (!tool) return '0';
  return tool.errors > 0 ? `${tool.calls} (${tool.errors} failed)` : String(tool.calls);
}

function pairLines({ difference, a, b }: Pair): readonly string[] {
  const head = (step: Step) =>
    firstLine(`${step.tool ?? step.kind}  ${step.kind === 'call' ? inputText(step.input) : outputText(step.input)}`);
  const result = (step: Step) => `${step.error ? 'failed: ' : ''}${firstLine(outputText(step.output ?? null))}`;
  if (difference === 'same') return a ? [`  ${head(a)}`] : [];
  if (difference === 'output' && a && b) return [`  ${head(a)}`, `- ${result(a)}`, `+ ${result(b)}`];
  return [...(a ? [`- ${head(a)}`] : []), ...(b ? [`+ ${head(b)}`] : [])];
}

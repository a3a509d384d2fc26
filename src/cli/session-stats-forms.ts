import type { Counted, Grouping } from '../sessions/grouping.ts';
import type { Statistics, ToolStatistics } from '../trajectory/statistics.ts';
import { sumTokens } from '../trajectory/tokens.ts';
import { bar, csvLine, formatCost, formatCount, formatSpan } from './figures.ts';
import type { Output } from './output.ts';
import { count, visible } from './text.ts';

/** One row of figures; of a model or a tool only some are known. */
type Row = { readonly key: string } & Partial<Omit<Statistics, 'tools' | 'models'>> & Partial<ToolStatistics>;

function rowsOf({ total, groups }: Counted, by: Grouping | undefined): readonly Row[] {
  const named = <T>(map: ReadonlyMap<string, T>) => [...map].map(([key, value]) => ({ key, ...value }));
  if (by === 'model') return named(total.models).sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  if (by === 'tool') return named(total.tools).sort((a, b) => b.calls - a.calls);
  const rows = named(groups).map(({ tools: _, models: __, ...row }) => row);
  if (by === 'day') return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  return by === 'turn' || by === 'stream' ? rows : rows.sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
}

interface Form {
  readonly csv?: boolean | undefined;
  readonly markdown?: boolean | undefined;
  readonly toml?: boolean | undefined;
}

/** Everything counted, in one of the forms, as JSON, or as a table with small bars. */
export async function writeCounted(
  output: Output,
  counted: Counted,
  by: Grouping | undefined,
  { csv, markdown, toml }: Form,
): Promise<void> {
  const rows = by === undefined ? [{ ...counted.total, key: 'total' }] : rowsOf(counted, by);
  if (csv) {
    await output.line(csvLine(csvColumns.map(([name]) => name)));
    for (const row of rows) await output.line(csvLine(csvColumns.map(([, of]) => of(row))));
  } else if (markdown) {
    const line = (cells: readonly (string | number | undefined)[]) =>
      output.line(`| ${cells.map((cell) => visible(String(cell ?? '')).replaceAll('|', '\\|')).join(' | ')} |`);
    await line(csvColumns.map(([name]) => name));
    await line(csvColumns.map((_, i) => (i === 0 ? '---' : '---:')));
    for (const row of rows) await line(csvColumns.map(([, of]) => of(row)));
  } else if (toml) {
    const { stringify } = await import('smol-toml');
    const { tools, models, ...total } = counted.total;
    const named = { ...total, tools: Object.fromEntries(tools), models: Object.fromEntries(models) };
    // TOML has no value for what is not known.
    const known = JSON.parse(JSON.stringify({ total: named, ...(by !== undefined && { [by]: rows }) }));
    await output.write(stringify(known));
  } else if (output.json) {
    for (const row of by === undefined ? [] : rows) await output.object({ by, ...row });
    const { tools, models, ...total } = counted.total;
    await output.object({ ...total, tools: Object.fromEntries(tools), models: Object.fromEntries(models) });
  } else if (by === undefined) await writeTotal(output, counted.total);
  else {
    await writeRows(output, rows, by);
    await output.line();
    await output.line(headline(counted.total));
  }
}

const csvColumns: readonly (readonly [string, (row: Row) => string | number | undefined])[] = [
  ['key', ({ key }) => key],
  ['sessions', ({ sessions }) => sessions],
  ['turns', ({ turns }) => turns],
  ['answers', ({ answers }) => answers],
  ['requests', ({ requests }) => requests],
  ['calls', ({ calls }) => calls],
  ['failed', ({ failed, errors, timed }) => (timed === undefined ? failed : errors)],
  ['input', ({ tokens }) => tokens?.input],
  ['cache_read', ({ tokens }) => tokens?.cacheRead],
  ['cache_write', ({ tokens }) => tokens?.cacheWrite],
  ['output', ({ tokens }) => tokens?.output],
  ['thinking', ({ tokens }) => tokens?.thinking],
  ['cost_usd', ({ cost }) => cost],
  ['unpriced', ({ unpriced }) => unpriced],
  ['started_at', ({ startedAt }) => startedAt],
  ['ended_at', ({ endedAt }) => endedAt],
];

async function writeRows(output: Output, rows: readonly Row[], by: Grouping): Promise<void> {
  const weightOf = ({ cost, tokens, calls = 0 }: Row) =>
    by === 'tool' ? calls : (cost ?? (tokens ? sumTokens(tokens) / 1e9 : 0));
  const most = rows.reduce((highest, row) => Math.max(highest, weightOf(row)), 0);
  const number = (value: number | undefined) => (value === undefined ? '' : formatCount(value));
  const figures = {
    tool: [
      { title: 'CALLS', cell: ({ calls }: Row) => number(calls), align: 'right' as const },
      { title: 'FAILED', cell: ({ errors }: Row) => number(errors || undefined), align: 'right' as const },
      {
        title: 'MEAN',
        cell: ({ durationMs = 0, timed = 0 }: Row) => (timed > 0 ? formatSpan(durationMs / timed) : ''),
        align: 'right' as const,
      },
    ],
    other: [
      ...(by === 'model' || by === 'turn' || by === 'stream'
        ? []
        : [
            {
              title: 'SESSIONS',
              cell: ({ sessions }: Row) => number(sessions),
              align: 'right' as const,
              optional: true as const,
            },
          ]),
      ...(by === 'model' || by === 'turn'
        ? []
        : [{ title: 'TURNS', cell: ({ turns }: Row) => number(turns), align: 'right' as const }]),
      ...(by === 'model'
        ? [{ title: 'REQUESTS', cell: ({ requests }: Row) => number(requests), align: 'right' as const }]
        : [{ title: 'CALLS', cell: ({ calls }: Row) => number(calls), align: 'right' as const }]),
      { title: 'INPUT', cell: ({ tokens }: Row) => number(tokens?.input), align: 'right' as const },
      {
        title: 'CACHED',
        cell: ({ tokens }: Row) => number(tokens?.cacheRead),
        align: 'right' as const,
        optional: true as const,
      },
      {
        title: 'WRITTEN',
        cell: ({ tokens }: Row) => number(tokens?.cacheWrite),
        align: 'right' as const,
        optional: true as const,
      },
      { title: 'OUTPUT', cell: ({ tokens }: Row) => number(tokens?.output), align: 'right' as const },
      { title: 'COST', cell: ({ cost }: Row) => formatCost(cost), align: 'right' as const },
    ],
  };
  await output.table(rows, [
    { title: by.toUpperCase(), cell: ({ key }) => key, flexible: true },
    ...(by === 'tool' ? figures.tool : figures.other),
    { title: '', cell: (row) => bar(weightOf(row), most, 12), optional: true },
  ]);
}

function headline(total: Statistics): string {
  const { sessions, turns, calls, tokens, cost, unpriced } = total;
  const price =
    unpriced > 0 && cost !== undefined ? `at least ${formatCost(cost)}` : formatCost(cost) || 'cost unknown';
  return [
    count(sessions, 'session'),
    count(turns, 'turn'),
    count(calls, 'call'),
    `${formatCount(sumTokens(tokens))} tokens`,
    price,
  ].join(', ');
}

async function writeTotal(output: Output, total: Statistics): Promise<void> {
  const { tokens, tools, models, firstToken, startedAt, endedAt } = total;
  const line = (name: string, text: string) => output.line(`${output.style('dim', name.padEnd(12))}${text}`);
  await output.line(output.style('bold', headline(total)));
  if (startedAt !== undefined && endedAt !== undefined) {
    await line(
      'time',
      `${startedAt.slice(0, 19).replace('T', ' ')} to ${endedAt.slice(0, 19).replace('T', ' ')} UTC, ${formatSpan(Date.parse(endedAt) - Date.parse(startedAt))}`,
    );
  }
  await line('answers', `${total.answers} in ${count(total.requests, 'request')}`);
  const odd = [
    [total.failed, 'failed'],
    [total.open, 'without a result'],
    [total.orphans, 'results without a call'],
  ] as const;
  const calls = odd.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []));
  await line('calls', [`${total.calls}`, ...calls].join(', '));
  const thinking = tokens.thinking === undefined ? '' : `, of which thinking ${formatCount(tokens.thinking)}`;
  await line(
    'tokens',
    `input ${formatCount(tokens.input)}, cache read ${formatCount(tokens.cacheRead)}, cache written ${formatCount(tokens.cacheWrite)}, output ${formatCount(tokens.output)}${thinking}`,
  );
  if (firstToken.count > 0)
    await line('first token', `${formatSpan(firstToken.ms / firstToken.count)} on average of ${firstToken.count}`);
  const rest = (['subagents', 'compactions', 'rewinds', 'media', 'errors', 'unknown'] as const).filter(
    (name) => total[name] > 0,
  );
  if (rest.length > 0) await line('also', rest.map((name) => `${name} ${total[name]}`).join(', '));
  if (models.size > 0) {
    await output.line();
    await writeRows(output, rowsOf({ total, groups: new Map() }, 'model'), 'model');
  }
  if (tools.size > 0) {
    await output.line();
    await writeRows(output, rowsOf({ total, groups: new Map() }, 'tool'), 'tool');
  }
}

import type { Counted } from '../sessions/grouping.ts';
import { type TurnDetail, toolTime, turnTree } from '../sessions/turn-detail.ts';
import { formatCost, formatCount, formatSpan } from './figures.ts';
import type { Output } from './output.ts';

/** Turn by turn, sub-agents below the turn that started them; at the end all of it. */
export async function writeDetail(
  output: Output,
  { groups, total }: Counted,
  details: ReadonlyMap<string, TurnDetail>,
): Promise<void> {
  const rows = turnTree(details).flatMap(({ key, depth, parent }) => {
    const [counted, detail] = [groups.get(key), details.get(key)];
    if (!counted || !detail) return [];
    const { firstToken } = counted;
    return {
      key,
      depth,
      parent,
      counted,
      characters: detail.characters,
      spanMs: detail.spanOf(counted),
      toolMs: toolTime(counted),
      firstTokenMs: firstToken.count > 0 ? firstToken.ms / firstToken.count : undefined,
      perTokenMs: detail.perToken(counted),
    };
  });
  if (output.json) {
    for (const { counted, depth: _, ...row } of rows) {
      const { tools, models, ...counts } = counted;
      await output.object({ by: 'turn', ...row, ...counts });
    }
    const { tools, models, ...counts } = total;
    await output.object({ ...counts, tools: Object.fromEntries(tools), models: Object.fromEntries(models) });
    return;
  }
  const span = (ms: number | undefined) => (ms === undefined ? '' : formatSpan(ms));
  const number = (value: number) => (value === 0 ? '' : formatCount(value));
  // What an agent writes before the first prompt is mostly nothing that was said.
  const isEmpty = ({ counted, characters }: (typeof rows)[number]) =>
    counted.calls + counted.answers + Object.values(characters).reduce((sum, n) => sum + n, 0) === 0;
  const shown = rows.filter((row) => !isEmpty(row));
  await output.table(shown, [
    { title: 'TURN', cell: ({ key, depth }) => `${'  '.repeat(depth)}${key}`, flexible: true },
    { title: 'TIME', cell: ({ spanMs }) => span(spanMs), align: 'right' },
    { title: 'TOOLS', cell: ({ toolMs }) => (toolMs > 0 ? span(toolMs) : ''), align: 'right' },
    { title: 'FIRST TOKEN', cell: ({ firstTokenMs }) => span(firstTokenMs), align: 'right', optional: true },
    { title: 'PER TOKEN', cell: ({ perTokenMs }) => span(perTokenMs), align: 'right', optional: true },
    { title: 'CALLS', cell: ({ counted }) => number(counted.calls), align: 'right' },
    { title: 'IN CHARS', cell: ({ characters: c }) => number(c.input + c.results), align: 'right' },
    { title: 'OUT CHARS', cell: ({ characters: c }) => number(c.answer + c.thinking + c.calls), align: 'right' },
    {
      title: 'IN TOKENS',
      cell: ({ counted: { tokens } }) => number(tokens.input + tokens.cacheRead + tokens.cacheWrite),
      align: 'right',
    },
    { title: 'OUT TOKENS', cell: ({ counted }) => number(counted.tokens.output), align: 'right' },
    { title: 'COST', cell: ({ counted }) => formatCost(counted.cost), align: 'right' },
  ]);
}

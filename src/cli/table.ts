import { truncate, visible, widthOf } from './text.ts';

export interface Column<T> {
  readonly title: string;
  cell(row: T): string;
  readonly align?: 'right';
  /** Gives way where the terminal is narrow; the first such column first. */
  readonly flexible?: true;
  /** Left out where the terminal is still too narrow; the last such column first. */
  readonly optional?: true;
}

const gap = 2;
/** What a column that gives way keeps. */
const least = 16;

/** Rows as aligned lines, in at most `width` columns where one is given. What stands in cells is made visible. */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: { readonly width?: number | undefined; readonly heading?: (text: string) => string } = {},
): string[] {
  const { width = Number.POSITIVE_INFINITY, heading = (text: string) => text } = options;
  let shown = columns.map((column) => {
    const cells = rows.map((row) => visible(column.cell(row)));
    const width = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(column.title));
    return { column, cells, width };
  });
  const over = () => shown.reduce((sum, { width: own }) => sum + own, gap * (shown.length - 1)) - width;
  for (const one of shown) {
    if (one.column.flexible && over() > 0) one.width = Math.max(Math.min(least, one.width), one.width - over());
  }
  for (const one of [...shown].reverse()) {
    if (one.column.optional && over() > 0) shown = shown.filter((other) => other !== one);
  }
  const line = (textOf: (one: (typeof shown)[number]) => string) =>
    shown
      .map((one) => {
        const text = truncate(textOf(one), one.width);
        const padding = ' '.repeat(one.width - widthOf(text));
        return one.column.align === 'right' ? padding + text : text + padding;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [heading(line(({ column }) => column.title)), ...rows.map((_, i) => line(({ cells }) => cells[i] ?? ''))];
}

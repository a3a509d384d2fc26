import { truncate, visible, widthOf } from './text.ts';

export interface Column<T> {
  readonly title: string;
  cell(row: T): string;
  readonly align?: 'right';
  /** Gives way where the terminal is narrow. */
  readonly flexible?: true;
}

const gap = 2;
const least = 12;

/** Rows as aligned lines, in at most `width` columns where one is given. What stands in cells is made visible. */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  options: { readonly width?: number | undefined; readonly heading?: (text: string) => string } = {},
): string[] {
  const { width, heading = (text: string) => text } = options;
  const cells = rows.map((row) => columns.map((column) => visible(column.cell(row))));
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[i] ?? ''))),
  );
  const total = widths.reduce((sum, w) => sum + w, gap * (columns.length - 1));
  const flexible = columns.findIndex((column) => column.flexible);
  const own = widths[flexible];
  if (width !== undefined && own !== undefined && total > width)
    widths[flexible] = Math.max(least, own - (total - width));
  const line = (texts: readonly string[]) =>
    columns
      .map((column, i) => {
        const text = truncate(texts[i] ?? '', widths[i] ?? 0);
        const padding = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
        return column.align === 'right' ? padding + text : text + padding;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [heading(line(columns.map((column) => column.title))), ...cells.map(line)];
}

const eighths = ' ▏▎▍▌▋▊▉█';

/** A bar of at most `width` columns, in eighths of one. */
export function bar(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0)) return '';
  const units = Math.max(1, Math.round((8 * width * value) / most));
  return '█'.repeat(units >> 3) + (units % 8 === 0 ? '' : eighths.charAt(units % 8));
}

/** `12`, `1.2k`, `34M`. */
export function formatCount(n: number): string {
  let value = n;
  let unit = 0;
  for (; value >= 9999.5 || (unit > 0 && value >= 999.5); unit++) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)}${['', 'k', 'M', 'G', 'T'][unit] ?? ''}`;
}

/** `$1.23`; small amounts with more digits, an unknown one as nothing. */
export function formatCost(usd: number | undefined): string {
  if (usd === undefined) return '';
  return `$${usd.toFixed(usd > 0 && usd < 1 ? 4 : 2)}`;
}

/** `120 ms`, `3.5 s`, `12 min`, `2.1 h`. */
export function formatSpan(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** One line of CSV (RFC 4180). A text that a spreadsheet would take for a formula is quoted with an apostrophe. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return cells
    .map((cell) => {
      if (typeof cell !== 'string') return cell === undefined ? '' : String(cell);
      const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}

import { CairnError } from '../errors.ts';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A length of time, `200ms` to `2w`, as milliseconds. @throws CairnError `usage` */
export function parseDuration(option: string, text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)$/.exec(text.trim()) ?? [];
  const size = units[unit];
  if (size === undefined) throw unknown(option, 'a length of time', text, '30s, 15min, 12h, 7d, 2w');
  return Number(amount) * size;
}

/** A moment: a date, or how long ago. Milliseconds since 1970. @throws CairnError `usage` */
export function parseSince(option: string, text: string, now: number): number {
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
  } else if (/^\d+(?:\.\d+)?\s*(?:s|min|m|h|d|w)$/.test(text.trim())) return now - parseDuration(option, text);
  throw unknown(option, 'a date or how long ago', text, '2026-11-21, 2026-11-21T10:00Z, 12h, 7d');
}

/** A size, `500` to `4MB` or `64KiB`, in bytes. @throws CairnError `usage` */
export function parseSize(option: string, text: string): number {
  const [, amount = '', prefix = '', binary] = /^(\d+(?:\.\d+)?)\s*([kKMG]?)(i?)B?$/.exec(text.trim()) ?? [];
  if (amount === '') throw unknown(option, 'a size', text, '500, 64KiB, 4MB');
  const power = ['', 'k', 'm', 'g'].indexOf(prefix.toLowerCase());
  return Math.round(Number(amount) * (binary ? 1024 : 1000) ** power);
}

/** A count. @throws CairnError `usage` */
export function checkCount(
  option: string,
  value: number | undefined,
  least: number,
  most?: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && value >= least && (most === undefined || value <= most)) return value;
  const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`;
  throw new CairnError('usage', `expected --${option} as a whole number ${range}, got ${value}`);
}

function unknown(option: string, what: string, text: string, examples: string): CairnError {
  return new CairnError('usage', `expected ${what} for --${option}, got ${JSON.stringify(text)}`, {
    hint: `for example ${examples}`,
  });
}

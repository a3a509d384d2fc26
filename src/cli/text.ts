/** Control and bidirectional characters, and what else would not show: U+0000 to U+001F but for tab, C1, marks, tags. */
const unsafe =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

/**
 * Text of a transcript or a bucket for a terminal, on one line: what could move the cursor, change the
 * title or reorder what is read is shown as its escape, as JSON writes it.
 */
export function visible(text: string): string {
  return text.replace(unsafe, asEscape);
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text.replace(unsafe, (character) => (character === '\n' ? character : asEscape(character)));
}

function asEscape(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }).join('');
}

let segmenter: Intl.Segmenter | undefined;
/** Made when the first text needs it: it takes longer to make than most commands to run. */
function graphemesOf(text: string) {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Columns that `text`, already made visible, takes on a terminal. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** `text` in at most `width` columns, the end cut off with `…`. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let taken = 1;
  for (const { segment } of graphemesOf(text)) {
    taken += widthOf(segment);
    if (taken > width) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** `1.5 MB`: decimal, three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < 4; unit++) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

/** `3 d`: one unit, rounded down. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  const units = [
    [86_400 * 365, 'y'],
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  for (const [size, name] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${name}`;
  return `${Math.floor(seconds)} s`;
}

/** `1 session`, `2 sessions`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** The shortest beginning of an id, of `least` characters at least, that no other one shares. */
export function beginningOf(id: string, all: readonly string[], least = 8): string {
  for (let length = least; length < id.length; length++) {
    const beginning = id.slice(0, length);
    if (all.every((other) => other === id || !other.startsWith(beginning))) return beginning;
  }
  return id;
}

import { describe, expect, test } from 'vitest';
import { tableLines } from '../../src/cli/table.ts';
import { formatAge, formatBytes, truncate, visible, visibleLines, widthOf } from '../../src/cli/text.ts';
import { parseDuration, parseSince, parseSize } from '../../src/cli/values.ts';

describe('text for a terminal', () => {
  test('nothing that a terminal would obey is left', () => {
    const all = Array.from({ length: 0xffff }, (_, i) => String.fromCharCode(i)).join('');
    expect(visible(all)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    expect(visible('a\u001b[31m\u202eb\n')).toBe('a\\u001b[31m\\u202eb\\u000a');
    expect(visible('\u{e0041}')).toBe('\\udb40\\udc41');
    expect(visibleLines('a\nb\r\n\tc')).toBe('a\nb\\u000d\n\tc');
    expect(visible('日本語 é 👩‍💻')).toBe('日本語 é 👩‍💻');
  });

  test('width and truncation', () => {
    expect([widthOf('abc'), widthOf('日本'), widthOf('e\u0301'), widthOf('👩‍💻')]).toEqual([3, 4, 1, 2]);
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('abcd', 4)).toBe('abcd');
  });

  test('sizes and ages', () => {
    expect([0, 999, 1000, 99_949, 99_950, 999_499, 999_500, 1e9].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '99.9 kB',
      '100 kB',
      '999 kB',
      '1.0 MB',
      '1.0 GB',
    ]);
    expect([-5, 59_000, 60_000, 86_400_000, 4e10].map(formatAge)).toEqual(['0 s', '59 s', '1 min', '1 d', '1 y']);
  });
});

test('a narrow table: flexible columns give way, then optional ones go', () => {
  const rows = [{ id: 'abcdefgh', title: 'A title that is rather long for this', host: 'build-3' }];
  const columns = [
    { title: 'ID', cell: (row: (typeof rows)[0]) => row.id },
    { title: 'TITLE', cell: (row: (typeof rows)[0]) => row.title, flexible: true as const },
    { title: 'HOST', cell: (row: (typeof rows)[0]) => row.host, optional: true as const },
  ];
  const at = (width?: number) => tableLines(rows, columns, { width });
  expect(at()[1]).toBe('abcdefgh  A title that is rather long for this  build-3');
  expect(at(40)[1]).toBe('abcdefgh  A title that is rath…  build-3');
  expect(at(30)).toEqual(['ID        TITLE', 'abcdefgh  A title that is…']);
});

test('a table has more rows than a call takes arguments', () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => n);
  expect(tableLines(rows, [{ title: 'N', cell: String }]).at(-1)).toBe('199999');
});

test('values of options', () => {
  expect(['30s', '2min', '2m', '1.5h', '7d', '2w'].map((text) => parseDuration('x', text))).toEqual([
    30_000, 120_000, 120_000, 5_400_000, 604_800_000, 1_209_600_000,
  ]);
  expect(['0', '500', '64KiB', '4MB', '1.5k', '1GiB'].map((text) => parseSize('x', text))).toEqual([
    0,
    500,
    65_536,
    4_000_000,
    1500,
    1 << 30,
  ]);
  expect(parseSince('x', '1h', 10_000_000)).toBe(6_400_000);
  expect(parseSince('x', '2026-11-21', 0)).toBe(Date.UTC(2026, 10, 21));
  for (const bad of ['', '7', 'd', '-7d', '2026-13-45', '1e9d']) {
    expect(() => parseSince('x', bad, 0)).toThrowError(expect.objectContaining({ code: 'usage' }));
  }
});

import { expect, it, onTestFinished, vi } from 'vitest';
import { parseRecord } from '../../src/harness/jsonl.ts';

it('a record is any JSON, and nothing else', () => {
  for (const text of ['{"a":1}', ' \t[1]', '"x"', '-1.5', '0', 'true', 'false', 'null', '\r{}'])
    expect(parseRecord(Buffer.from(text))).toEqual(JSON.parse(text));
  for (const text of ['', '{', 'nul', '\ufeff{}', '\u00a0{}', '+1', '.5', "'x'", '{}x', 'NaN'])
    expect(parseRecord(Buffer.from(text))).toBeUndefined();
});

it('a hole is not given to the parser, which would keep it', () => {
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  expect(parseRecord(Buffer.alloc(1 << 20))).toBeUndefined();
  expect(parse).not.toHaveBeenCalled();
});

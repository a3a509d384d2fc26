import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lastRecordOf } from '../../src/harness/excerpt.ts';
import { temporaryFolder } from './support.ts';

it('the last whole line of a file, and nothing where there is none to tell', () => {
  const path = join(temporaryFolder(), 'a.jsonl');
  const last = (text: string) => {
    writeFileSync(path, text);
    return lastRecordOf(path);
  };
  expect(lastRecordOf(path)).toBeUndefined();
  expect(last('')).toBeUndefined();
  expect(last('{"a":1}')).toBeUndefined();
  expect(last('{"a":1}\n')).toEqual({ a: 1 });
  expect(last('{"a":1}\n{"a":2}\n')).toEqual({ a: 2 });
  expect(last('{"a":1}\n{"a":2')).toEqual({ a: 1 });
  expect(last('{"a":1}\n\n')).toBeUndefined();
  expect(last('{"a":1}\nno JSON\n')).toBeUndefined();
  const long = JSON.stringify({ a: 'x'.repeat(20_000) });
  expect(last(`{"a":1}\n${long}\n`)).toBeUndefined();
  appendFileSync(path, '{"a":3}\n{"half');
  expect(lastRecordOf(path)).toEqual({ a: 3 });
  expect(last(`${'\0'.repeat(50_000)}\n{"a":4}\n`)).toEqual({ a: 4 });
});

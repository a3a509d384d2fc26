import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createMemory, memoryCapacity } from '../../src/redact/memory.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { rules } from '../../src/redact/rules/all.ts';
import { createScanner } from '../../src/redact/scanner.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const key = Buffer.alloc(32, 6);

/** Nobody knows it. */
function value(n: number): string {
  return createHash('sha256').update(`a value ${n}`).digest('base64url').slice(0, 32);
}

/** Bytes of text and objects that are held after `work` and were not before it. */
function heldBy(work: (n: number) => void, times: number): number {
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  work(0); // code, tables and engines are there from the first time on
  const before = used();
  for (let n = 1; n <= times; n += 1) work(n);
  return used() - before;
}

test('of the text around a secret nothing is kept', () => {
  const settings = { disable: [], rules: [], allow: [], names: [], anywhere: 4 };
  const redactor = createRedactor({ key, settings });
  const work = (n: number) => {
    redactor.redact(Buffer.from(`${'lorem ipsum '.repeat(80_000)} ${value(n)}\n`));
  };
  expect(heldBy(work, 60)).toBeLessThan(8 << 20);
});

test('of the text around a name and its value nothing is kept', () => {
  const scanner = createScanner(rules);
  let found = 0;
  const work = (n: number) => {
    const name = `${value(n).replaceAll(/[^a-z]/g, '')}_password`;
    const line = `${'pass '.repeat(12_000)} ${name}="${value(n)}"`;
    scanner.scan(Buffer.from(line), () => (found += 1));
  };
  expect(heldBy(work, 200)).toBeLessThan(4 << 20);
  expect(found).toBeGreaterThan(150);
});

test('what earlier redactors learned is not learned again, and what nobody asks for is bounded', () => {
  const block = Buffer.from(`{"a":"DB_PASSWORD=${value(0)}"}\n`);
  const first = createRedactor({ key });
  first.redact(block);
  const learned = first.learned();
  expect(learned.length).toBeGreaterThan(3);
  const next = createRedactor({ key, remembered: learned });
  next.redact(block);
  expect(next.learned()).toEqual([]);
  const memory = createMemory(key);
  for (let n = 0; n < memoryCapacity / 4; n += 1) memory.learn(memory.checkOf(value(n)), 'r', value(n), 'm');
  expect(memory.learned().length).toBeLessThanOrEqual(memoryCapacity + 8);
});

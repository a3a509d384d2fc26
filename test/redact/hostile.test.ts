import { describe, expect, test, vi } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { rules } from '../../src/redact/rules/all.ts';
import type { Rule } from '../../src/redact/rules/rule.ts';
import { createScanner } from '../../src/redact/scanner.ts';
import type { View } from '../../src/redact/view.ts';
import { hostileUnits } from './hostile-units.ts';

/** Counts what the rules are given, calls and characters of views, and the characters that they say they have read. */
function count(line: string): { readonly calls: number; readonly characters: number; readonly read: number } {
  let calls = 0;
  let characters = 0;
  let read = 0;
  let last: View | undefined;
  const counted = rules.map(
    (rule): Rule => ({
      ...rule,
      find(view, from, to) {
        calls += 1;
        if (view !== last) characters += view.text.length;
        last = view;
        const spans = rule.find(view, from, to);
        read += view.readTo - from;
        return spans;
      },
    }),
  );
  createScanner(counted).scan(Buffer.from(line, 'latin1'), () => undefined);
  return { calls, characters, read };
}

const size = 100_000;
const fill = (unit: string) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

describe('work stays in proportion to the line', () => {
  for (const unit of hostileUnits) {
    test(JSON.stringify(unit), () => {
      const { calls, characters } = count(fill(unit));
      expect(characters).toBeLessThan(2.2 * size);
      expect(calls).toBeLessThan(size);
    });
  }

  test('twice the line is at most twice the work', { timeout: 60_000 }, () => {
    for (const unit of hostileUnits) {
      const whole = count(fill(unit));
      const half = count(fill(unit).slice(0, size / 2));
      expect(whole.characters, unit).toBeLessThanOrEqual(2.3 * half.characters + 150_000);
      expect(whole.calls, unit).toBeLessThanOrEqual(2.3 * half.calls + 10_000);
    }
  });
});

test('hostile lines come out as one line, and twice is once', () => {
  const redactor = createRedactor({ key: Buffer.alloc(32, 3) });
  for (const unit of hostileUnits) {
    const block = Buffer.from(`${fill(unit).slice(0, 20_000)}\n`, 'latin1');
    const once = Buffer.from(redactor.redact(block).block);
    expect(once.indexOf(0x0a), unit).toBe(once.length - 1);
    expect(Buffer.from(redactor.redact(once).block).equals(once), unit).toBe(true);
  }
});

test('a line is searched for its end as often however many keys are left open in it', () => {
  const key = `${'-'.repeat(5)}BEGIN PRIVATE KEY${'-'.repeat(5)}\\n${'a1'.repeat(20)}\\n`;
  const searches = (keys: number) => {
    const search = vi.spyOn(Buffer.prototype, 'indexOf');
    const { found } = createRedactor({ key: Buffer.alloc(32, 3) }).redact(Buffer.from(`"${`${key} `.repeat(keys)}"\n`));
    const count = search.mock.calls.filter(([byte]) => byte === 0x0a).length;
    search.mockRestore();
    expect(found['private-key']).toBe(keys);
    return count;
  };
  expect(searches(200)).toBeLessThan(searches(20) + 20);
});

test('a stretch in which a rule finds nothing is read by it a few times, whatever stands in it', () => {
  for (const unit of ['session=', 'LS0tLS1CRUdJTiB', '"KTY', 'SUIPRIVKEY1://,']) {
    const { calls, read } = count(fill(unit));
    expect(read, unit).toBeLessThan(6 * size);
    expect(calls, unit).toBeLessThan(size);
  }
});

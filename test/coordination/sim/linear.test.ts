import { describe, expect, test } from 'vitest';
import { isLinearizable, type Operation, registerObject, taskObject } from './linear.ts';

/** `a 0-3 set 1 = ok`: process, start, end (`?`: no answer), call, argument, result. */
function history(...lines: readonly string[]): Operation[] {
  return lines.map((line) => {
    const [process = '', start = '', end = '', call = '', args = '', result = ''] =
      /^(\w+) (\d+)-(\d+|\?) (\w+)(?: ([^=]*?))?(?: = (.*))?$/.exec(line)?.slice(1) ?? [];
    const numbers = args.trim().split(' ').filter(Boolean).map(Number);
    const base = { process, start: Number(start), end: end === '?' ? Number.POSITIVE_INFINITY : Number(end), call };
    const answer = result === 'nothing' ? null : /^\d+$/.test(result) ? Number(result) : result;
    if (call === 'cas') return { ...base, expected: numbers[0], value: numbers[1], result: answer };
    if (call === 'complete' || call === 'release') return { ...base, epoch: numbers[0], result: answer };
    return { ...base, value: numbers[0], result: answer };
  });
}

describe('a register', () => {
  test.each<[string, Operation[]]>([
    ['one after the other', history('a 0-1 set 1 = ok', 'b 2-3 read = 1')],
    ['two at once, either order', history('a 0-9 set 1 = ok', 'b 0-9 set 2 = ok', 'c 10-11 read = 1')],
    ['a read at the time of a write', history('a 0-9 set 1 = ok', 'b 1-2 read = nothing', 'b 3-4 read = 1')],
    ['no answer, and it happened late', history('a 0-? set 1', 'b 5-6 read = nothing', 'b 7-8 read = 1')],
    ['no answer, and it never happened', history('a 0-? set 1', 'b 5-6 read = nothing')],
    ['a compare-and-set', history('a 0-1 set 1 = ok', 'b 2-3 cas 1 2 = ok', 'c 2-3 cas 1 3 = differs')],
    ['counting', history('a 0-5 add = 2', 'b 0-5 add = 1', 'c 6-7 read = 2')],
  ])('accepts: %s', (_name, calls) => expect(isLinearizable(calls, registerObject)).toBe(true));

  test.each<[string, Operation[]]>([
    ['a stale read', history('a 0-1 set 1 = ok', 'b 2-3 read = nothing')],
    ['a write that is taken back', history('a 0-9 set 1 = ok', 'b 1-2 read = 1', 'b 3-4 read = nothing')],
    ['a value from nowhere', history('a 0-1 set 1 = ok', 'b 2-3 read = 7')],
    ['two compare-and-sets of one value', history('a 0-1 set 1 = ok', 'b 2-5 cas 1 2 = ok', 'c 2-5 cas 1 3 = ok')],
    ['a lost update', history('a 0-5 add = 1', 'b 0-5 add = 1')],
    ['a refusal without reason', history('a 0-1 set 1 = ok', 'b 2-3 cas 1 2 = differs', 'c 4-5 read = 1')],
    [
      'two readers that see two orders',
      history('a 0-9 set 1 = ok', 'b 0-9 set 2 = ok', 'c 10-11 read = 1', 'd 12-13 read = 2'),
    ],
  ])('refuses: %s', (_name, calls) => expect(isLinearizable(calls, registerObject)).toBe(false));
});

describe('a task', () => {
  test.each<[string, Operation[]]>([
    [
      'claim, lose, complete',
      history('a 0-9 claim = 1', 'b 0-9 claim = held', 'a 10-11 complete 1 = ok', 'b 12-13 claim = terminal'),
    ],
    [
      'a takeover, and the late holder refused',
      history('a 0-1 claim = 1', 'b 5-6 claim = 2', 'a 7-8 complete 1 = lost', 'b 9-10 complete 2 = ok'),
    ],
    ['claimed again', history('a 0-1 claim = 1', 'a 2-3 claim = 1', 'a 4-5 show = held 1')],
    ['released, claimed by another', history('a 0-1 claim = 1', 'a 2-3 release 1 = ok', 'b 4-5 claim = 2')],
    ['a claim without answer that happened', history('a 0-? claim', 'b 5-6 claim = 2')],
  ])('accepts: %s', (_name, calls) => expect(isLinearizable(calls, taskObject)).toBe(true));

  test.each<[string, Operation[]]>([
    ['two winners of one epoch', history('a 0-5 claim = 1', 'b 0-5 claim = 1')],
    ['an epoch that starts again', history('a 0-1 claim = 1', 'a 2-3 release 1 = ok', 'b 4-5 claim = 1')],
    ['a late completion that is taken', history('a 0-1 claim = 1', 'b 2-3 claim = 2', 'a 4-5 complete 1 = ok')],
    [
      'two completions',
      history('a 0-1 claim = 1', 'b 2-3 claim = 2', 'b 4-5 complete 2 = ok', 'a 4-9 complete 1 = ok'),
    ],
    ['held by nobody', history('a 0-1 claim = held')],
    ['told that it lost what it holds', history('a 0-1 claim = 1', 'a 2-3 complete 1 = lost', 'b 4-5 show = held 1')],
    ['opened again after it was done', history('a 0-1 claim = 1', 'a 2-3 complete 1 = ok', 'b 4-5 claim = 2')],
  ])('refuses: %s', (_name, calls) => expect(isLinearizable(calls, taskObject)).toBe(false));
});

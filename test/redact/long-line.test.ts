import { expect, test, vi } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';

test('the end of a long line is searched for once, however many places in it are looked at', () => {
  const text = Array.from({ length: 100_000 }, (_, n) => `password: hunter${n}x `).join('');
  const line = Buffer.from(`{"text":"${text}"}\n`);
  const search = vi.spyOn(Buffer.prototype, 'indexOf');
  try {
    createRedactor({ key: Buffer.alloc(32, 7) }).redact(line);
    let searched = 0;
    for (const [i, [value, from]] of search.mock.calls.entries()) {
      if ((value as unknown) === 0x0a) searched += Number(search.mock.results[i]?.value) - Number(from ?? 0);
    }
    expect(searched).toBeGreaterThan(line.length / 2);
    expect(searched).toBeLessThan(6 * line.length);
  } finally {
    search.mockRestore();
  }
});

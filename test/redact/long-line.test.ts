import { expect, test, vi } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';

test('the end of a long line is searched for once, however many places in it are looked at', () => {
  const line = Buffer.from(
    `{"text":"${Array.from({ length: 20_000 }, (_, n) => `password: hunter${n}x `).join('')}"}\n`,
  );
  const search = vi.spyOn(Buffer.prototype, 'indexOf');
  try {
    createRedactor({ key: Buffer.alloc(32, 7) }).redact(line);
    const forNewline = search.mock.calls.filter(([value]) => (value as unknown) === 0x0a);
    expect(forNewline.length).toBeGreaterThan(0);
    expect(forNewline.length).toBeLessThan(100);
  } finally {
    search.mockRestore();
  }
});

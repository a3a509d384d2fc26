import { expect, test } from 'vitest';
import { policyOf } from '../../src/redact/policy.ts';
import { createRandom, tokens } from './secrets.ts';

/** Of each kind of token; with `CAIRN_LONG=1` four million in a minute or two. */
const each = process.env.CAIRN_LONG ? 60_000 : 300;

test('however the characters of a token fall, hardly one is missed', { timeout: 1_200_000 }, () => {
  const { scan } = policyOf({ key: Buffer.alloc(32, 1) }).scanner();
  const missed: string[] = [];
  let count = 0;
  for (let round = 0; round < each; round++) {
    const starts: number[] = [];
    const all = tokens(createRandom(7919 * round + 1))
      .map(([, token]) => token)
      // JSON, which such a token begins with, has no `-` and no `_` there.
      .filter((token) => !/^eyJ[-_]/.test(token));
    let text = '';
    for (const token of all) {
      starts.push(text.length + 1);
      text += `${JSON.stringify(token)}\n`;
    }
    const found = new Uint8Array(text.length);
    scan(Buffer.from(text), ({ from, to }) => found.fill(1, from, to));
    count += all.length;
    all.forEach((token, i) => {
      const start = starts[i] ?? 0;
      if (!found.subarray(start, start + token.length).includes(1)) missed.push(token);
    });
  }
  expect(missed.length, missed.slice(0, 20).join(' ')).toBeLessThanOrEqual(Math.floor(count / 100_000));
});

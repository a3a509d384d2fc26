import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { redactLines } from '../../src/redact/filter.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { harmlessSamples, secretSamples } from './corpus/corpus.ts';

const key = Buffer.alloc(32, 5);
/** As `test/build.ts` compiled it: a thread cannot be started from TypeScript. */
const built = join(import.meta.dirname, '../../dist/src/redact/filter.js');
const lines = [...secretSamples(11, 2), ...harmlessSamples(12, 2)].map(({ line }) => `${line}\n`).join('');
/** Enough for two blocks of a backlog and a rest; what was learnt in the first stands in all. */
const backlog = Buffer.from(lines.repeat(Math.ceil((17 << 20) / lines.length)));

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function filter(bytes: Buffer, module: { readonly redactLines: typeof redactLines }): Promise<Buffer> {
  const out: Uint8Array[] = [];
  const pause = () => delay(25, undefined, { ref: false });
  for await (const { block } of module.redactLines(chunks(bytes, 300_000), { key }, pause, 0))
    out.push(Buffer.from(block));
  return Buffer.concat(out);
}

/** As one thread does it, in blocks of the same size. */
function inOneThread(bytes: Buffer): Buffer {
  const redactor = createRedactor({ key });
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && end - at < 8 << 20) end += 300_000 - (end % 300_000);
    const newline = end >= bytes.length ? bytes.length : bytes.lastIndexOf(0x0a, end - 1) + 1;
    out.push(Buffer.from(redactor.redact(bytes.subarray(at, newline)).block));
    at = newline;
  }
  return Buffer.concat(out);
}

test('what several threads make of a backlog is byte for byte what one makes of it', { timeout: 120_000 }, async () => {
  const expected = inOneThread(backlog);
  expect((await filter(backlog, await import(built))).equals(expected)).toBe(true);
  expect((await filter(backlog, { redactLines })).equals(expected)).toBe(true);
});

test('a line has more secrets than a call takes arguments, with and without other threads', async () => {
  const name = 'DB_PASSWORD=';
  const line = Buffer.from(`${`${name}a1b2c3d4 `.repeat(220_000)}\n`);
  for (const module of [await import(built), { redactLines }]) {
    const out = (await filter(line, module)).toString();
    expect(out.replaceAll(/\[REDACTED:secret-value:[0-9a-f]{8}\]/g, '')).toBe(`${`${name} `.repeat(220_000)}\n`);
  }
});

test('a last line without its end is redacted, and stays without', async () => {
  const token = `ghp_${['q7Zt4hYw9sKx2Lm8Vb', 'Pc5NdR3uJ6gTe1oXi0'].join('')}`;
  const text = `{"a":1}\n{"key":"${token}"}`;
  expect((await filter(Buffer.from(text), { redactLines })).toString()).toMatch(
    /^\{"a":1\}\n\{"key":"\[REDACTED:github-token:[0-9a-f]{8}\]"\}$/,
  );
});

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';

/** The development set lies beside the repository, gzipped, and is no part of it. */
const folder = fileURLToPath(new URL('../../../shared/data/redaction/', import.meta.url));
const present = existsSync(folder);

interface Item {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly secret?: string;
  readonly secrets?: readonly string[];
  readonly signature?: string;
  readonly data?: string;
  readonly ambiguous?: boolean;
}

function read(name: string): readonly Item[] {
  const lines = gunzipSync(readFileSync(`${folder}${name}.jsonl.gz`))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Item);
}

function survives(text: string, secret: string): boolean {
  const core = secret.startsWith('https://') ? (secret.split('/').at(-1) ?? '') : secret;
  const length = Math.max(8, Math.ceil(core.length * 0.4));
  if (core.length <= length) return text.includes(core);
  for (let at = 0; at + length <= core.length; at += 1) if (text.includes(core.slice(at, at + length))) return true;
  return false;
}

if (!present) test.skip(`the development set is not at ${folder}`, () => undefined);

test.runIf(present)('at least 99.5 % of the positives are found', () => {
  const items = read('positives');
  const missed = items.filter((item) => {
    const redactor = createRedactor({ key: Buffer.alloc(32) });
    const out = Buffer.from(redactor.redact(Buffer.from(`${JSON.stringify({ text: item.text })}\n`)).block).toString();
    const { text } = JSON.parse(out) as { text: string };
    return (item.secrets ?? [item.secret ?? '']).some((secret) => survives(text, secret));
  });
  expect(missed.map(({ id, kind }) => `${id} ${kind}`)).toHaveLength(
    Math.min(missed.length, Math.floor(items.length * 0.005)),
  );
});

test.runIf(present)('at most 0.5 % of the negatives are changed', () => {
  const items = read('negatives').filter(({ ambiguous }) => ambiguous !== true);
  const redactor = createRedactor({ key: Buffer.alloc(32) });
  const changed = items.filter((item) => {
    const record = { text: item.text, signature: item.signature, source: { type: 'base64', data: item.data } };
    const block = Buffer.from(`${JSON.stringify(record)}\n`);
    return redactor.redact(block).block !== block;
  });
  expect(changed.map(({ id, kind }) => `${id} ${kind}`)).toHaveLength(
    Math.min(changed.length, Math.floor(items.length * 0.005)),
  );
});

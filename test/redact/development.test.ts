import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { sharedData } from '../shared.ts';
import { isLeft } from './corpus/corpus.ts';

/** The development set lies beside the checkout, gzipped, and is no part of it. */
const folder = sharedData('redaction');

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
  const lines = gunzipSync(readFileSync(join(folder ?? '', `${name}.jsonl.gz`)))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Item);
}

function survives(text: string, secret: string): boolean {
  return isLeft(text, secret.startsWith('https://') ? (secret.split('/').at(-1) ?? '') : secret);
}

if (folder === undefined)
  test.skip('there is no development set: none of the folders above has shared/data/redaction', () => undefined);

test.runIf(folder !== undefined)('at least 99.5 % of the positives are found', () => {
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

test.runIf(folder !== undefined)('at most 0.5 % of the negatives are changed', () => {
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

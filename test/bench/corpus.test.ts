import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeCorpus } from './corpus.ts';

const folder = await mkdtemp(join(tmpdir(), 'cairn-corpus-'));
afterAll(() => rm(folder, { recursive: true }));

const write = (name: string, seed: number) =>
  writeCorpus({ name, seed, sessions: 3, sessionBytes: 200_000 }, join(folder, name));

async function contents(name: string): Promise<Map<string, string>> {
  const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async (file) => [file.name, await readFile(join(file.parentPath, file.name), 'utf8')] as const),
    ),
  );
}

test('a seed gives one corpus, another seed another', async () => {
  await write('a', 1);
  await write('b', 1);
  await write('c', 2);
  expect(await contents('b')).toEqual(await contents('a'));
  expect([...(await contents('c')).keys()]).not.toEqual([...(await contents('a')).keys()]);
});

test('every line is a record of its session, and an append adds one', async () => {
  const corpus = await write('d', 1);
  const before = await contents('d');
  await corpus.append();
  const after = await contents('d');
  expect(before.size).toBe(3);
  for (const [name, text] of after) {
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line).sessionId).toBe(name.replace('.jsonl', ''));
  }
  const lines = (files: Map<string, string>) => [...files.values()].join('').split('\n').length;
  expect(lines(after)).toBe(lines(before) + 1);
  expect(corpus.bytes).toBe(Buffer.byteLength([...before.values()].join('')));
});

import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { chars, createRandom, settings, tokens } from '../redact/secrets.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const key = Buffer.alloc(32, 7);
const session = '3f0c1f6e-1f1e-4a52-9a55-0d8f5f1a2b3c';
/** In the long run every offset around a border is tried with every secret. */
const [step, timeout] = process.env.CAIRN_LONG ? [1, 3_600_000] : [19, 60_000];
/** Bytes of a chunk, and of a record: a border lies in every record. */
const chunkBytes = 1024;

/** A record of `chunkBytes` that begins at a multiple of them: what stands in it lies `ahead` bytes before the next border. */
function record(secret: string, ahead: number): string {
  const head = `{"type":"user","sessionId":"${session}","uuid":"u","message":{"role":"user","content":"`;
  const tail = '"}}\n';
  const words = 'lorem ipsum dolor sit amet '.repeat(chunkBytes);
  const text = JSON.stringify(secret).slice(1, -1);
  const before = words.slice(0, chunkBytes - ahead - head.length - 1);
  const rest = 2 * chunkBytes - head.length - tail.length - before.length - text.length - 2;
  return `${head}${before} ${text} ${words.slice(0, rest)}${tail}`;
}

/** Every byte of a bucket as text, with what is compressed in it. */
async function contents(store: BucketStore): Promise<string> {
  const texts: string[] = [];
  for await (const entry of store.list('')) {
    if (!('key' in entry)) continue;
    const { key } = entry;
    const object = await store.get(key);
    const bytes: Uint8Array[] = [];
    for await (const piece of object!.body) bytes.push(piece);
    const all = Buffer.concat(bytes);
    texts.push(key, all.toString('latin1'));
    if (key.endsWith('.gz')) texts.push(gunzipSync(all).toString('latin1'));
  }
  return texts.join('\n');
}

async function place() {
  const home = await temporaryFolder();
  const folder = join(home, '.claude/projects/-srv-app');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${session}.jsonl`);
  const runtime = testRuntime();
  const store = memoryStore(runtime);
  const stateFolder = join(home, 'state');
  const run = () =>
    mirror({
      store,
      home,
      stateFolder,
      runtime,
      redactor: (remembered) => createRedactor({ key, remembered }),
      run: { chunkBytes },
    });
  return { file, store, stateFolder, run };
}

test('no secret reaches the bucket, at whatever offset around the border of a chunk it lies', { timeout }, async () => {
  const { file, store, run } = await place();
  const random = createRandom(11);
  const planted: string[] = [];
  const lines: string[] = [];
  for (let ahead = -8; ahead <= 120; ahead += step) {
    // New ones each time: what is found once is found again by memory alone.
    for (const [, token] of tokens(random)) {
      if (token.length > 400) continue;
      planted.push(token);
      lines.push(record(`token ${token}`, ahead));
    }
    for (const { text, secrets } of settings(random)) {
      if (text.length > 400) continue;
      planted.push(...secrets);
      lines.push(record(text, ahead));
    }
  }
  writeFileSync(file, lines.join(''));
  const events = await run();
  expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
  expect(events.filter(({ event }) => event === 'part').length).toBeGreaterThan(lines.length / 2);
  const text = await contents(store);
  expect(text).toContain('lorem ipsum');
  // What is left when the filler is taken away: a thousand times less to search.
  const rest = [...new Set(text.match(/[^\s"]{8,}/g))].join('\n');
  const found = planted.filter((secret) => rest.includes(secret) || rest.includes(secret.slice(secret.length >> 1)));
  expect(found).toEqual([]);
});

test('a key over the border of two blocks of a large side file does not reach the bucket', async () => {
  const { file, store, run } = await place();
  const random = createRandom(12);
  const dashes = '-'.repeat(5);
  const body = Array.from({ length: 12 }, () => chars(random, 'base64', 64));
  const pem = [`${dashes}BEGIN EC PRIVATE KEY${dashes}`, ...body, `${dashes}END EC PRIVATE KEY${dashes}`].join('\n');
  writeFileSync(file, record('look at the file', 100));
  const folder = join(file, '..', session, 'tool-results');
  mkdirSync(folder, { recursive: true });
  const blockBytes = 4 << 20;
  for (const ahead of [0, 1, 40, 300, 700, pem.length, pem.length + 1]) {
    const filler = 'lorem ipsum dolor sit amet\n'.repeat(blockBytes / 20).slice(0, blockBytes - ahead - 1);
    writeFileSync(join(folder, `${ahead}.txt`), `${filler}\n${pem}\n${filler.slice(0, 5000)}`);
  }
  const events = await run();
  expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
  const text = await contents(store);
  expect(text).toContain('[REDACTED:private-key:');
  for (const line of body) expect(text.includes(line)).toBe(false);
});

test('what one run found, the next knows without any rule; the state holds no secret', async () => {
  const { file, store, stateFolder, run } = await place();
  const password = `${chars(createRandom(3), 'alnum', 14)}x7`;
  writeFileSync(file, record(`export DB_PASSWORD='${password}'`, 500));
  await run();
  appendFileSync(file, record(`it said ${password} twice`, 500));
  const events = await run();
  expect(events.filter(({ event }) => event === 'part')).toHaveLength(1);
  const text = await contents(store);
  expect(text).toContain('it said [REDACTED:');
  expect(text).not.toContain(password);
  const files = readdirSync(stateFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('secrets.jsonl');
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain(password);
});

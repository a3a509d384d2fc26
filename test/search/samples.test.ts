import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hermes } from '../../harnesses/hermes.ts';
import { linesOf } from '../../src/harness/index.ts';
import { storeReader } from '../../src/search/cache.ts';
import { documentOf, longestText } from '../../src/search/event-document.ts';
import { searchIndex } from '../../src/search/search.ts';
import { TextReader } from '../../src/search/text-reader.ts';
import { normalised } from '../../src/search/tokens.ts';
import { discovered, readAll, temporaryFolder } from '../harness/support.ts';
import { statementsOf } from '../mirror/database-source.ts';
import { startWriter, withoutWriter } from '../sqlite/writer.ts';
import { project } from '../trajectory/project.ts';
import { harness, open, Project, update } from './corpus.ts';

const samples = join(import.meta.dirname, '../samples');

/** What is read for a hit is what was indexed, though its record is read without those before it. */
async function expectSameTexts(name: string, bytes: Uint8Array): Promise<void> {
  const lines = [...linesOf(bytes)].map((line) => Buffer.from(line).toString());
  const bucket = new Project();
  await bucket.session('s1', { harness: name }).put(lines);
  await bucket.touch('s1');
  await update(bucket.store);
  const { store } = bucket;
  const { events } = project(name, Buffer.from(lines.map((line) => `${line}\n`).join('')), 'main', longestText);
  const texts = new TextReader(storeReader(store), 'p', harness);
  const candidates = await searchIndex(await open(store), undefined);
  const read = await Promise.all([...candidates.best()].map(async (hit) => [hit.seq, await texts.read(hit)]));
  const indexed = events.flatMap((event) => {
    const document = documentOf(event);
    return document ? [[event.seq, normalised(document.text)]] : [];
  });
  expect(read.sort(([a], [b]) => Number(a) - Number(b))).toEqual(indexed);
}

for (const name of ['claude-code', 'codex', 'openclaw']) {
  const files = readdirSync(join(samples, name), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.includes('.jsonl') && !path.endsWith('.zst'))) {
    test(`${name}/${file}`, () => expectSameTexts(name, readFileSync(join(samples, name, file))));
  }
}

test.skipIf(withoutWriter !== undefined)('hermes', async () => {
  const root = temporaryFolder();
  const writer = startWriter(join(root, 'state.db'));
  onTestFinished(() => writer.kill());
  for (const script of ['hermes_schema.sql', 'hermes_inserts.sql']) {
    await writer.run(...statementsOf(readFileSync(join(samples, 'hermes', script), 'utf8')));
  }
  for (const { streams } of await discovered(hermes, root)) {
    const [stream] = streams;
    if (stream) await expectSameTexts('hermes', (await readAll(hermes, stream)).bytes);
  }
});

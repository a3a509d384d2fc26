import { expect, test } from 'vitest';
import { type ImportedSession, readEvents, readExport } from '../../src/export/import.ts';

const head = { cairn: 'trajectory', v: 1, harness: 'codex', session: 's1', streams: ['main'] };

function event(text: string, stream?: unknown) {
  return { v: 1, kind: 'message', content: [{ text }], ...(stream !== undefined && { at: { stream } }) };
}

/** What a file holds, in pieces that are cut anywhere. */
async function* pieces(text: string, size = 7) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function sessionsOf(text: string, size?: number): Promise<ImportedSession[]> {
  const found: ImportedSession[] = [];
  for await (const session of readExport(pieces(text, size), 'f.jsonl')) found.push(session);
  return found;
}

async function eventsOf(text: string): Promise<{ stream: string; line: string }[]> {
  const found: { stream: string; line: string }[] = [];
  for await (const one of readEvents(pieces(text), 'f.jsonl')) found.push(one);
  return found;
}

test('only a newline ends a line', async () => {
  const odd = JSON.stringify(event('a\u2028b\u2029c\u0085d', 'main'));
  expect(odd).toContain('\u2028');
  // Between the tokens of JSON a carriage return is space.
  const spaced = odd.replace('{', '{\r');
  for (const size of [1, 7, 4096]) {
    const [session, ...more] = await sessionsOf(`${[JSON.stringify(head), odd, spaced].join('\n')}\r\n\n`, size);
    expect(more).toEqual([]);
    expect(session?.streams.get('main')).toEqual([JSON.stringify(head), odd, spaced]);
  }
  expect(await eventsOf(`${odd}\n${spaced}\n`)).toEqual(Array(2).fill({ stream: 'main', line: odd }));
});

test('a file tells where it holds something else', async () => {
  await expect(sessionsOf('')).rejects.toThrow('a line that names the session in line 1 of f.jsonl');
  await expect(sessionsOf(`\n\n${JSON.stringify(event('x', 'main'))}\n`)).rejects.toThrow('session in line 3');
  await expect(sessionsOf(`${JSON.stringify(head)}\n\u2028\n\v{}`)).rejects.toThrow('expected JSON in line 3');
});

const odd = ['', '.', '..', '../up', 'a/b', '/a', 'a\\b', 'a\nb', 'a\u0000', 'a\u007f', '\ud800', 'files', 'blobs'];

test.each([...odd, 'x'.repeat(201), 'ä'.repeat(100), 'subpath-../up', 'subpath-a//b', 'subpath-a/\u0001'])(
  'a stream is not called %j',
  async (stream) => {
    const line = `${JSON.stringify(event('x', stream))}\n`;
    const refused = { code: 'usage', hint: expect.any(String) };
    const named = /^expected the name of a stream in line \d of f\.jsonl, got "[^\n]{0,80}"$/;
    for (const reading of [sessionsOf(`${JSON.stringify(head)}\n${line}`), eventsOf(line)]) {
      const error = await reading.catch((cause: Error) => cause);
      expect(error).toMatchObject({ ...refused, message: expect.stringMatching(named) });
    }
  },
);

test('a stream is called as the mirror calls it', async () => {
  for (const stream of ['main', 'agent-a0c2', 'segment-2', 'subpath-tools/search', 'Zweig-ü.1']) {
    expect((await eventsOf(JSON.stringify(event('x', stream)))).map((one) => one.stream)).toEqual([stream]);
  }
  expect((await eventsOf(`${JSON.stringify(event('x'))}\n${JSON.stringify({ kind: 'note', at: {} })}`)).length).toBe(2);
  await expect(eventsOf(JSON.stringify(event('x', 7)))).rejects.toThrow('expected an event in line 1');
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPayload, type Json, type Payload } from '../../src/trajectory/payload.ts';
import { contentAt } from '../../src/trajectory/pointer.ts';
import { TranscriptRecord } from '../../src/trajectory/record.ts';

const at = { stream: 'main', epoch: 2, record: 7 };

/** Puts the content of every payload back. */
function restored(value: Json, line: Uint8Array): Json {
  if (isPayload(value)) return contentOf(value, line);
  if (Array.isArray(value)) return value.map((item) => restored(item, line));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restored(item as Json, line)]));
}

function contentOf({ ref, size, at: place }: Payload, line: Uint8Array): string {
  const content = contentAt(line, place);
  if (!content) throw new Error(`nothing at ${JSON.stringify(place)}`);
  expect(createHash('sha256').update(content).digest('hex')).toBe(ref);
  expect(content.length).toBe(size);
  return Buffer.from(content).toString('utf8');
}

test('large strings anywhere in a record are found again by their pointers, and nothing else is changed', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 0, max: 12 }), (value, inline) => {
      // Lone surrogates have no UTF-8: a transcript holds none.
      const line = Buffer.from(JSON.stringify(value));
      const record = new TranscriptRecord(line, at, inline);
      expect(restored(record.json(record.value, ''), line)).toEqual(JSON.parse(line.toString()));
    }),
  );
});

test('a large string in the JSON that a string holds is found through both', () => {
  const inner = { command: 'x'.repeat(100), n: 1 };
  const line = Buffer.from(JSON.stringify({ payload: { arguments: JSON.stringify(inner) } }));
  const record = new TranscriptRecord(line, at, 20);
  const input = record.parsed(JSON.stringify(inner), '/payload/arguments') as { command: Json; n: number };
  expect(input.n).toBe(1);
  expect(input.command).toMatchObject({ size: 100, at: { ...at, pointer: '/payload/arguments', inner: '/command' } });
  expect(restored(input, line)).toEqual(inner);
});

test('media is its bytes, from base64 and from a data URL', () => {
  const bytes = Buffer.from([1, 2, 3, 254]);
  const url = `data:image/png;base64,${bytes.toString('base64')}`;
  const line = Buffer.from(JSON.stringify({ data: bytes.toString('base64'), url }));
  const record = new TranscriptRecord(line, at, 32_768);
  const media = [
    record.media(bytes.toString('base64'), 'image/png', '/data'),
    record.media(url, 'image/png', '/url', 'data-url'),
  ];
  for (const { ref, size, at: place } of media) {
    expect(size).toBe(4);
    expect(ref).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(contentAt(line, place)).toEqual(bytes);
  }
});

test('a record that is no JSON, or another shape than its pointer says, has no content there', () => {
  const broken = Buffer.from('{"torn');
  expect(contentAt(broken, { ...at, pointer: '' })).toEqual(broken);
  expect(contentAt(broken, { ...at, pointer: '/a' })).toBeUndefined();
  expect(contentAt(Buffer.from('{"a":1}'), { ...at, pointer: '/a' })).toBeUndefined();
  expect(contentAt(Buffer.from('{"a":{}}'), { ...at, pointer: '/a/__proto__' })).toBeUndefined();
});

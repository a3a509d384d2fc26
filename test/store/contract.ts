import { describe, expect, it } from 'vitest';
import { collect } from '../../src/store/payload.ts';
import type { BucketStore, ListEntry, ListOptions, Payload } from '../../src/store/types.ts';

/** What a store under test is, and where it may differ. */
export interface ContractSubject {
  readonly store: BucketStore;
  /** Keys below this are the run's own. */
  readonly prefix: string;
}

/** As S3 orders: by the bytes of UTF-8, where U+FB00 comes before U+1F600 (in UTF-16 after). */
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const text = (value: string) => new TextEncoder().encode(value);

async function all(store: BucketStore, prefix: string, options?: ListOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of store.list(prefix, options)) names.push(nameOf(entry).slice(prefix.length));
  return names;
}

function nameOf(entry: ListEntry): string {
  return 'prefix' in entry ? entry.prefix : entry.key;
}

async function readAll(store: BucketStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object === undefined ? undefined : new TextDecoder().decode(await object.bytes());
}

/** Every implementation of `BucketStore` passes this. `open` is called once for each test. */
export function storeContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`contract of ${name}`, () => {
    const test = (title: string, run: (store: BucketStore, prefix: string) => Promise<void>) =>
      it(title, async () => {
        const { store, prefix } = await open();
        try {
          await run(store, prefix);
        } finally {
          await store.close();
        }
      });

    test('creates once and keeps the first body', async (store, p) => {
      expect((await store.create(`${p}k`, text('first'))).outcome).toBe('created');
      expect((await store.create(`${p}k`, text('second'))).outcome).toBe('exists');
      expect(await readAll(store, `${p}k`)).toBe('first');
    });

    test('has one winner among 16 parallel creates, whose body is stored', async (store, p) => {
      for (let round = 0; round < 5; round++) {
        const key = `${p}race/${round}`;
        const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => store.create(key, text(`writer ${i}`))));
        const outcomes = answers.map((answer) => answer.outcome);
        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(15);
        expect(await readAll(store, key)).toBe(`writer ${outcomes.indexOf('created')}`);
      }
    });

    test('creates again after a removal; removing what is absent is no error', async (store, p) => {
      await store.remove(`${p}d/k`);
      await store.create(`${p}d/k`, text('1'));
      await store.remove(`${p}d/k`);
      expect(await store.get(`${p}d/k`)).toBeUndefined();
      expect(await all(store, p, { delimiter: '/' })).toEqual([]);
      expect((await store.create(`${p}d/k`, text('2'))).outcome).toBe('created');
      expect(await readAll(store, `${p}d/k`)).toBe('2');
    });

    test('overwrites', async (store, p) => {
      await store.overwrite(`${p}k`, text('one'));
      await store.overwrite(`${p}k`, text('three'));
      expect(await readAll(store, `${p}k`)).toBe('three');
    });

    test('tells size and times; absent is undefined, in a missing folder too', async (store, p) => {
      const answer = await store.create(`${p}k`, text('12345'));
      const object = await store.get(`${p}k`);
      expect(object?.size).toBe(5);
      expect(await object?.bytes()).toHaveLength(5);
      // Whole seconds on some stores: not an assertion on speed but on the unit and the clock.
      for (const at of [object?.date, object?.modified, answer.date]) {
        expect(Math.abs((at ?? 0) - Date.now())).toBeLessThan(3_600_000);
        expect(Number.isInteger(at)).toBe(true);
      }
      expect(await store.get(`${p}absent`)).toBeUndefined();
      expect(await store.get(`${p}no/such/folder`)).toBeUndefined();
      expect(await store.get(`${p}k/below`)).toBeUndefined();
    });

    test('gives ranges, and no bytes behind the end', async (store, p) => {
      await store.create(`${p}k`, text('0123456789'));
      const range = async (start: number, end?: number) => {
        const object = await store.get(`${p}k`, { range: end === undefined ? { start } : { start, end } });
        expect(object?.size).toBe(10);
        return new TextDecoder().decode(await object?.bytes());
      };
      expect(await range(0, 3)).toBe('0123');
      expect(await range(4, 4)).toBe('4');
      expect(await range(7)).toBe('789');
      expect(await range(8, 99)).toBe('89');
      expect(await range(10)).toBe('');
      expect(await range(50, 60)).toBe('');
      expect(await store.get(`${p}absent`, { range: { start: 0, end: 1 } })).toBeUndefined();
    });

    test('holds empty objects', async (store, p) => {
      expect((await store.create(`${p}empty`, new Uint8Array())).outcome).toBe('created');
      const object = await store.get(`${p}empty`);
      expect(object?.size).toBe(0);
      expect(await object?.bytes()).toHaveLength(0);
      const head = await store.get(`${p}empty`, { range: { start: 0, end: 16383 } });
      expect(head?.size).toBe(0);
      expect(await head?.bytes()).toHaveLength(0);
    });

    test('takes a payload that is opened, and gives 3 MB back in order with back-pressure', async (store, p) => {
      const bytes = new Uint8Array(3_000_000).map((_, i) => (i * 31 + (i >> 10)) & 255);
      const payload: Payload = {
        size: bytes.byteLength,
        async *open() {
          for (let at = 0; at < bytes.byteLength; at += 70_000) yield bytes.subarray(at, at + 70_000);
        },
      };
      expect((await store.create(`${p}big`, payload)).outcome).toBe('created');
      const object = await store.get(`${p}big`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of object?.body ?? []) {
        chunks.push(chunk.slice());
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      const abandoned = await store.get(`${p}big`);
      for await (const _ of abandoned?.body ?? []) break;
      (await store.get(`${p}big`))?.close();
      expect(Buffer.from((await (await store.get(`${p}big`))?.bytes()) ?? []).equals(bytes)).toBe(true);
    });

    test('lists in byte order of the UTF-8 keys, in pages, after a key, up to a number', async (store, p) => {
      const keys = ['a', 'a-b', 'a.b', 'a0', 'b/1', 'b/2', 'b/3/4', 'b-/5', 'b0/6', '\ufb00', '\u{1f600}', 'Z', '=40x'];
      await Promise.all(keys.map((key) => store.create(`${p}${key}`, text(key))));
      const sorted = [...keys].sort(byBytes);
      expect(await all(store, p)).toEqual(sorted);
      for (const [i, key] of sorted.entries()) {
        expect(await all(store, p, { after: `${p}${key}` })).toEqual(sorted.slice(i + 1));
        expect(await all(store, p, { after: `${p}${key}`, max: 2 })).toEqual(sorted.slice(i + 1, i + 3));
      }
      expect(await all(store, p, { after: `${p}a,` })).toEqual(sorted.slice(sorted.indexOf('a-b')));
      expect(await all(store, p, { max: 0 })).toEqual([]);
      expect(await all(store, `${p}b`)).toEqual(sorted.filter((key) => key.startsWith('b')).map((key) => key.slice(1)));
      expect(await all(store, `${p}none/`)).toEqual([]);
      for await (const entry of store.list(p)) {
        expect(entry).toMatchObject({ size: text(nameOf(entry).slice(p.length)).byteLength });
        if ('date' in entry) expect(Math.abs(entry.date - entry.modified)).toBeLessThan(3_600_000);
      }
    });

    test('folds what follows the delimiter', async (store, p) => {
      const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'b-', 'd/e/f', 'g'];
      await Promise.all(keys.map((key) => store.create(`${p}${key}`, text(key))));
      expect(await all(store, p, { delimiter: '/' })).toEqual(['a', 'b-', 'b/', 'd/', 'g']);
      expect(await all(store, `${p}b/`, { delimiter: '/' })).toEqual(['1', '2', 'c/']);
      expect(await all(store, `${p}d`, { delimiter: '/' })).toEqual(['/']);
      expect(await all(store, p, { delimiter: '/', max: 3 })).toEqual(['a', 'b-', 'b/']);
      expect(await all(store, p, { delimiter: '/', after: `${p}b/` })).toEqual(['d/', 'g']);
      expect(await all(store, p, { delimiter: '/', after: `${p}b/1`, max: 1 })).toEqual(['d/']);
    });

    test('keeps odd keys apart', async (store, p) => {
      const keys = [
        'with space',
        'a+b',
        'a%2Fb',
        'a&b<c>',
        'q\'uote"',
        'é',
        'e\u0301',
        '日本',
        '#x?y=z',
        '..a',
        '~',
        'x'.repeat(200),
      ];
      await Promise.all(keys.map((key) => store.create(`${p}odd/${key}`, text(key))));
      for (const key of keys) expect(await readAll(store, `${p}odd/${key}`)).toBe(key);
      expect(await all(store, `${p}odd/`)).toEqual([...keys].sort(byBytes));
    });

    test('lists more than one page', async (store, p) => {
      const keys = Array.from({ length: 1205 }, (_, i) => String(i).padStart(5, '0'));
      for (let at = 0; at < keys.length; at += 64) {
        await Promise.all(keys.slice(at, at + 64).map((key) => store.create(`${p}${key}`, text(key))));
      }
      expect(await all(store, p)).toEqual(keys);
      expect(await all(store, p, { max: 1100 })).toEqual(keys.slice(0, 1100));
    });

    test('obeys an aborted signal and writes nothing', async (store, p) => {
      const controller = new AbortController();
      controller.abort(new Error('stopped'));
      const { signal } = controller;
      await expect(store.create(`${p}k`, text('x'), { signal })).rejects.toThrow('stopped');
      await expect(store.overwrite(`${p}k`, text('x'), { signal })).rejects.toThrow('stopped');
      expect(await store.get(`${p}k`)).toBeUndefined();
      await store.create(`${p}k`, text('x'));
      await expect(store.get(`${p}k`, { signal })).rejects.toThrow('stopped');
      await expect(all(store, p, { signal })).rejects.toThrow('stopped');
      await expect(store.remove(`${p}k`, { signal })).rejects.toThrow('stopped');
      expect(await readAll(store, `${p}k`)).toBe('x');
    });

    test('refuses a payload that breaks off or has another size than it says', async (store, p) => {
      const short: Payload = { size: 10, open: () => one(text('short')) };
      const long: Payload = { size: 1, open: () => one(text('long')) };
      const broken: Payload = { size: 10, open: () => one(text('x'), new Error('gone')) };
      for (const payload of [short, long, broken]) {
        await expect(store.create(`${p}k`, payload)).rejects.toMatchObject({ code: 'internal' });
        await expect(store.overwrite(`${p}k`, payload)).rejects.toMatchObject({ code: 'internal' });
      }
      expect(await store.get(`${p}k`)).toBeUndefined();
    });

    test('collects what is streamed', async (store, p) => {
      await store.create(`${p}k`, text('whole'));
      const object = await store.get(`${p}k`);
      expect(new TextDecoder().decode(await collect(object?.body ?? one(text(''))))).toBe('whole');
    });
  });
}

async function* one(bytes: Uint8Array, error?: Error): AsyncGenerator<Uint8Array> {
  yield bytes;
  if (error !== undefined) throw error;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as keys from '../../src/store/keys.ts';

const { decodeName, encodeName } = keys;

const vectors: readonly (readonly [string, string])[] = [
  ['fix-login_2', 'fix-login_2'],
  ['Fix', '=46ix'],
  ['a.b', 'a=2eb'],
  ['A-b', '=41-b'],
  ['../x', '=2e=2e=2fx'],
  ['@reviewer', '=40reviewer'],
  ['#build', '=23build'],
  ['all', 'all'],
  ['con', '=63on'],
  ['CON', '=43=4f=4e'],
  ['-rf', '=2drf'],
  ['a=b', 'a=3db'],
  ['\u00e9', '=c3=a9'],
  ['e\u0301', 'e=cc=81'],
  ['日', '=e6=97=a5'],
  ['con.txt', 'con=2etxt'],
  ['com1', '=63om1'],
  ['lpt', 'lpt'],
  ['x'.repeat(120), 'x'.repeat(120)],
];

const shortened: readonly (readonly [string, string])[] = [
  ['x'.repeat(121), `${'x'.repeat(80)}=~79072a47bfaa54e6057a9ee21e0dea64`],
  ['\u00e9'.repeat(41), `${'=c3=a9'.repeat(13)}=~91671059882498a5710f0569f687119d`],
];

const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...'abC=-~._/09'), minLength: 1, maxLength: 4 }),
  fc.constantFrom('con', 'com1', 'lpt9', 'aux', '=63on', '-', '='),
);

describe('names in keys', () => {
  it.each([...vectors])('encodes %j', (name, part) => {
    expect(encodeName(name)).toBe(part);
    expect(decodeName(part)).toBe(name);
  });

  it.each([...shortened])('shortens %j', (name, part) => {
    expect(encodeName(name)).toBe(part);
    expect(decodeName(part)).toBeUndefined();
  });

  it('is injective, safe in a path, and decoded to itself', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        const part = encodeName(a);
        expect(part).toMatch(/^(?!-)[a-z0-9_=~-]{1,120}$/);
        expect(part).not.toMatch(/^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/);
        if (!part.includes('~')) expect(decodeName(part)).toBe(a);
        expect(part === encodeName(b)).toBe(a === b);
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes only what it encodes', () => {
    for (const part of [
      '',
      'A',
      'a.b',
      '=4',
      '=2D',
      '=61',
      'con',
      '-a',
      '=ff',
      'a/b',
      'a=~00',
      '..',
      'x'.repeat(121),
    ]) {
      expect(decodeName(part), part).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'acon=-2361ef~.'), maxLength: 6 }), (part) => {
        const name = decodeName(part);
        if (name !== undefined) expect(encodeName(name)).toBe(part);
      }),
    );
    expect(decodeName(encodeName('\ufeffbom'))).toBe('\ufeffbom');
  });

  it('refuses what is no name', () => {
    expect(() => encodeName('')).toThrow('expected a name');
    expect(() => encodeName('a\ud800')).toThrow('expected a name');
  });
});

describe('keys', () => {
  const session = { project: 'P', harness: 'codex', session: '../x' };
  const stream = { ...session, stream: 'agent-7' };

  it('puts everything where the layout says', () => {
    expect(keys.formatKey('P')).toBe('=50/meta/format.json');
    expect(keys.storeInfoKey('P')).toBe('=50/meta/store.json');
    expect(keys.probePrefix('P', 'r')).toBe('=50/meta/probe/r/');
    expect(keys.sessionsPrefix('P')).toBe('=50/sessions/');
    expect(keys.sessionsPrefix('P', 'codex')).toBe('=50/sessions/codex/');
    expect(keys.metaKey(session)).toBe('=50/sessions/codex/=2e=2e=2fx/meta.json');
    expect(keys.blobKey(session, 'a'.repeat(64))).toBe(`=50/sessions/codex/=2e=2e=2fx/blobs/${'a'.repeat(64)}`);
    expect(keys.epochPrefix(stream, 3)).toBe('=50/sessions/codex/=2e=2e=2fx/agent-7/e000003/');
    expect(keys.partKey({ ...stream, epoch: 0, seq: 42 })).toBe(
      '=50/sessions/codex/=2e=2e=2fx/agent-7/e000000/part-00000042.jsonl.gz',
    );
    expect(keys.catalogKey('P', 'm1', 'recent')).toBe('=50/catalog/m1/recent.jsonl.gz');
    expect(keys.slotKey('=50/tasks/t/', 1)).toBe('=50/tasks/t/9999999998.json');
    expect(keys.slotKey('', 42)).toBe('9999999957.json');
  });

  it('refuses what would meet another key', () => {
    expect(() => keys.streamPrefix({ ...session, stream: 'blobs' })).toThrow('expected the name of a stream');
    expect(() => keys.blobKey(session, '../meta.json')).toThrow('expected a SHA-256');
    for (const n of [-1, 1.5, Number.NaN, 2 ** 53])
      expect(() => keys.partKey({ ...stream, epoch: 0, seq: n })).toThrow();
    for (const n of [0, 10_000_000_000, 0.5]) expect(() => keys.slotKey('', n)).toThrow('expected a slot');
  });

  it('orders and parses parts of any number', () => {
    const anyNumber = fc.oneof(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(0, 9, 99_998, 99_999, 100_000, 999_999, 1_000_000, 99_999_999, 100_000_000, 2 ** 53 - 1),
    );
    const address = fc.record({ epoch: anyNumber, seq: anyNumber });
    fc.assert(
      fc.property(address, address, (a, b) => {
        const key = keys.partKey({ ...stream, ...a });
        expect(keys.parsePartKey(stream, key)).toEqual(a);
        const byNumber = Math.sign(a.epoch - b.epoch) || Math.sign(a.seq - b.seq);
        expect(Math.sign(keys.compareKeys(key, keys.partKey({ ...stream, ...b })))).toBe(byNumber);
      }),
      { numRuns: 2000 },
    );
  });

  it('parses nothing but its own keys', () => {
    const prefix = keys.streamPrefix(stream);
    const names = [
      'e000000/part-0000000.jsonl.gz',
      'e000000/part-000000000.jsonl.gz',
      'e000000/part-a00000000.jsonl.gz',
      'e000000/part-b100000000.jsonl.gz',
      'e00000/part-00000000.jsonl.gz',
      'e000000/part-00000000.jsonl.gz.x',
      'e000000/x/part-00000000.jsonl.gz',
      'e000000/part-00000000.age',
      'part-00000000.jsonl.gz',
    ];
    for (const name of names) expect(keys.parsePartKey(stream, prefix + name), name).toBeUndefined();
    expect(
      keys.parsePartKey({ ...stream, stream: 'main' }, keys.partKey({ ...stream, epoch: 0, seq: 0 })),
    ).toBeUndefined();
    for (const file of ['base', 'recent'] as const) {
      expect(keys.parseCatalogKey('P', keys.catalogKey('P', 'M 1', file))).toEqual({ mirror: 'M 1', file });
    }
    for (const key of [
      '=50/catalog/m/other.jsonl.gz',
      '=50/catalog/M/base.jsonl.gz',
      '=50/catalog/base.jsonl.gz',
      'x',
    ]) {
      expect(keys.parseCatalogKey('P', key), key).toBeUndefined();
    }
    for (const key of [
      'p/9999999999.json',
      'p/123.json',
      'p/9999999998.json.x',
      'q/9999999998.json',
      '9999999998.json',
    ]) {
      expect(keys.parseSlot('p/', key), key).toBeUndefined();
    }
  });

  it('gives the newest slot first', () => {
    const slot = fc.integer({ min: 1, max: 9_999_999_999 });
    fc.assert(
      fc.property(slot, slot, (a, b) => {
        expect(keys.parseSlot('p/', keys.slotKey('p/', a))).toBe(a);
        expect(Math.sign(keys.compareKeys(keys.slotKey('p/', a), keys.slotKey('p/', b)))).toBe(Math.sign(b - a));
      }),
    );
  });

  it('names the last folder of a prefix', () => {
    expect(keys.folderName(keys.sessionPrefix(session))).toBe('../x');
    expect(keys.folderName(keys.projectPrefix('P'))).toBe('P');
    expect(keys.folderName('=50/sessions/NOT-OURS/')).toBeUndefined();
    expect(keys.folderName('')).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpotHit } from '../../src/search/find.ts';
import { mergeSegments } from '../../src/search/merge.ts';
import { parseQuery } from '../../src/search/query.ts';
import type { SearchIndex } from '../../src/search/search-index.ts';
import { storeSegment } from '../../src/search/search-index.ts';
import { matchesQuery } from '../../src/search/spot.ts';
import { normalised } from '../../src/search/tokens.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { anyText, find, open, storeOf } from './corpus.ts';

/** What a text is compared by, written without the tokeniser: words in lower case, gaps as one blank. */
function plain(text: string): string {
  const words = text.normalize('NFC').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  // What is a letter is so before it is made plain: a letter in a circle is a gap.
  return ` ${words.map((word) => word.normalize('NFKC').toLowerCase().replaceAll(' ', '_')).join(' ')} `;
}

async function found(store: BucketStore, query: string): Promise<string[]> {
  const { hits, total } = await find(await open(store), store, { query: parseQuery(query) });
  expect(total).toBe(hits.length);
  return hits.map(placeOf).sort();
}

function placeOf({ session, seq }: SpotHit): string {
  return `${session}/${seq}`;
}

function scanned(sessions: readonly (readonly string[])[], matches: (text: string) => boolean): string[] {
  return sessions
    .flatMap((texts, s) => texts.flatMap((text, seq) => (matches(plain(text)) ? [`s${s}/${seq}`] : [])))
    .sort();
}

function queriesOf(word: string, piece: string): string[] {
  return [word, piece, `"${word} alpha"`, `${word.slice(0, 1)}* -${piece}`, `${word} -"alpha ${word}"`];
}

const sessions = fc.array(fc.array(anyText, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });
const latin = fc.constantFrom('alpha', 'Beta', 'GAMMA', 'delta7', 'naïve', 'école', 'a', 'src', 'app', 'straße');
const denseText = fc
  .array(fc.constantFrom(...'東京都庁日本語検索全文猫カタカナひらが中国汉字한국어검색서울', '𠮷'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((characters) => characters.join(''));

describe('the index finds what a scan of all texts finds', () => {
  test('words', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, latin, async (all, word) => {
        const store = await storeOf(all);
        // Beside a script without gaps a word ends as well.
        const edge =
          /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/gu;
        const having = (text: string) => text.replace(edge, ' ').includes(` ${plain(word).trim()} `);
        expect(await found(store, word)).toEqual(scanned(all, having));
      }),
      { numRuns: 100 },
    );
  });

  test('phrases', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, fc.array(latin, { minLength: 2, maxLength: 3 }), async (all, phrase) => {
        const edge =
          /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]+/gu;
        const store = await storeOf(all);
        const having = (text: string) =>
          text
            .replace(edge, ' \u0001 ')
            .replace(/ +/g, ' ')
            .includes(plain(phrase.join(' ')));
        expect(await found(store, `"${phrase.join(' ')}"`)).toEqual(scanned(all, having));
      }),
      { numRuns: 100 },
    );
  });

  test('any piece of Chinese, Japanese and Korean text, one character too', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, denseText, async (all, piece) => {
        const store = await storeOf(all);
        expect(await found(store, piece)).toEqual(scanned(all, (text) => text.includes(piece)));
      }),
      { numRuns: 200 },
    );
  });

  test('phrases in a segment that is large enough for hints, merged with others or not', async () => {
    // Hints are of words in up to a quarter of the events.
    const text = fc.oneof(
      { weight: 1, arbitrary: anyText },
      { weight: 1, arbitrary: fc.constantFrom('alpha Beta a', 'src/app.ts', 'Beta alpha', '東京 都庁', 'src 東京都') },
      { weight: 6, arbitrary: fc.constantFrom('lorem ipsum', 'dolor') },
    );
    const texts = fc.array(text, { minLength: 100, maxLength: 160 });
    const standing = fc.constantFrom(
      'alpha Beta',
      'Beta a',
      'Beta alpha',
      'alpha Beta a',
      'app.ts',
      '東京 都庁',
      '東京都',
    );
    const phrase = fc.oneof(
      standing,
      fc.tuple(latin, fc.oneof(latin, denseText)).map((words) => words.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(texts, sessions, phrase, async (large, others, words) => {
        const all = [large, ...others];
        const store = await storeOf(all);
        const query = parseQuery(`"${words}"`);
        const expected = all.flatMap((of, s) =>
          of.flatMap((text, i) => (matchesQuery(query)(normalised(text)) ? [`s${s}/${i}`] : [])),
        );
        const found = async () => (await find(await open(store), store, { query })).hits.map(placeOf).sort();
        expect(await found()).toEqual(expected.sort());
        const before = await open(store);
        const merged = await mergeSegments(before.segments, { session: () => true, run: () => true });
        for (const { key } of before.entries) await store.remove(key);
        await storeSegment(store, 'p', 'all', merged);
        expect(await found()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('several words at once, exclusions, beginnings of words', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, latin, denseText, async (all, word, piece) => {
        const store = await storeOf(all);
        const [both, words, pieces] = [
          await found(store, `${word} ${piece}`),
          await found(store, word),
          await found(store, piece),
        ];
        expect(both).toEqual(words.filter((id) => pieces.includes(id)));
        expect(await found(store, `${word} -${piece}`)).toEqual(words.filter((id) => !pieces.includes(id)));
        const beginnings = await found(store, `${word.slice(0, 2)}*`);
        expect(words.every((id) => beginnings.includes(id))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('after segments were merged', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, latin, denseText, async (all, word, piece) => {
        const store = await storeOf(all);
        const before = await open(store);
        const merged = await mergeSegments(before.segments, { session: () => true, run: () => true });
        const expected = await Promise.all(queriesOf(word, piece).map((query) => found(store, query)));
        for (const { key } of before.entries) await store.remove(key);
        await storeSegment(store, 'p', 'all', merged);
        const after = await open(store);
        expect(after.segments).toHaveLength(1);
        expect(await Promise.all(queriesOf(word, piece).map((query) => found(store, query)))).toEqual(expected);
        const tokens = (one: SearchIndex) => one.segments.reduce((sum, { head }) => sum + head.tokens, 0);
        expect(tokens(after)).toBe(tokens(before));
      }),
      { numRuns: 60 },
    );
  });
});

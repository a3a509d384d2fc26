import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Engine } from '../../src/redact/engine.ts';
import { always } from '../../src/redact/looks.ts';

const root = join(import.meta.dirname, '../..');

test('the code of the engine is what its source compiles to', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-engine-'));
  try {
    const made = join(folder, 'engine-code.ts');
    execFileSync(process.execPath, [join(root, 'src/redact/wasm/build.mjs'), made]);
    expect(codeIn(made).equals(codeIn(join(root, 'src/redact/engine-code.ts')))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What the text of a file holds: how it is compressed is up to the version of Node. */
function codeIn(path: string): Buffer {
  return inflateRawSync(Buffer.from(readFileSync(path, 'utf8').split("'")[1] as string, 'base64'));
}

/** Offsets behind each word, as `indexOf` finds them. */
function endsOf(text: string, words: readonly string[]): readonly number[] {
  const ends = new Set<number>();
  for (const word of words)
    for (let at = text.toLowerCase().indexOf(word); at >= 0; at = text.toLowerCase().indexOf(word, at + 1))
      ends.add(at + word.length);
  return [...ends].sort((a, b) => a - b);
}

test('words are found wherever they stand: over the borders of lanes and windows, within and behind each other', () => {
  const words = ['ab', 'b', 'bcab', 'abcabc', 'ccca', '\u00e2\u0086'];
  const engine = new Engine(words.map((text) => ({ text, program: always })));
  let seed = 1;
  for (const length of [0, 1, 5, 63, 4_000, engine.windowSize - 1, engine.windowSize + 3, 2.5 * engine.windowSize]) {
    const text = Array.from({ length }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return 'aAbBcCx\u00e2\u0086 '[seed >>> 28] ?? 'y';
    }).join('');
    const block = Buffer.from(text, 'latin1');
    const found: number[] = [];
    for (let from = 0; from < block.length; from += engine.windowSize)
      engine.findWords(engine.load(block, from), (end, state) => {
        found.push(from + end);
        for (const index of engine.wordsOf(state)) {
          const word = words[index] as string;
          expect(text.slice(from + end - word.length, from + end).toLowerCase()).toBe(word);
        }
      });
    expect(found).toEqual(endsOf(text, words));
  }
});

test('runs of base64 that hold text are found whole within a window, and any is told at its edges', () => {
  const engine = new Engine();
  const run = Buffer.from('words and more of them,  \n\ttill the end of it').toString('base64');
  for (let before = 0; before < 70; before += 1) {
    for (const length of [1, 39, 40, 41, 60]) {
      const block = Buffer.from(`${' '.repeat(before)}${run.slice(0, length)}${'. '.repeat(30)}`);
      const runs: [number, number][] = [];
      engine.findBase64(engine.load(block, 0), (from, to) => runs.push([from, to]));
      expect(runs).toEqual(length >= 40 || before === 0 ? [[before, before + length]] : []);
    }
  }
  engine.findBase64(engine.load(Buffer.from(` ${'/w8Pdm'.repeat(20)} `), 0), () => expect.unreachable('no text'));
  for (const character of ['=', '.', '@', '[', '`', '{', ':', '*', ',', '\u007f', '\u00c1', '\u0000']) {
    const block = Buffer.from(` ${'A'.repeat(20)}${character}${'A'.repeat(20)} `, 'latin1');
    engine.findBase64(engine.load(block, 0), () => expect.unreachable(character));
  }
});

test('images are counted once each, wherever windows end, and nothing else is', () => {
  const engine = new Engine();
  const images = [
    Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(60)]),
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(60)]),
    Buffer.concat([Buffer.from('GIF89a'), randomBytes(60)]),
    Buffer.concat([Buffer.from('RIFF1234WEBP'), randomBytes(60)]),
    Buffer.concat([Buffer.from('RIFF1234WAVE'), randomBytes(60)]),
    Buffer.concat([Buffer.from('xGIF89a'), randomBytes(60)]),
  ].map((image) => `"${image.toString('base64')}"`);
  const count = (text: string) => {
    const block = Buffer.from(text);
    for (let from = 0; from < block.length; from += engine.windowSize)
      engine.findBase64(engine.load(block, from), () => undefined);
    return engine.takeImages();
  };
  expect(count(images.join(','))).toBe(4);
  expect(count('R0lGOD /9j/ iVBORw0KGgo')).toBe(0);
  const [png = ''] = images;
  for (let before = 0; before <= png.length; before += 1)
    expect(count(`${' '.repeat(engine.windowSize - before)}${png} ${png}`), `${before} before the border`).toBe(2);
  expect(count(`"${images[1]?.slice(1, 5)}${'A'.repeat(3 * engine.windowSize)}"`)).toBe(1);
});

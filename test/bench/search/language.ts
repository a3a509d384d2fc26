import type { Random } from '../random.ts';

const syllables =
  'ba be bi bo bu da de di do ga ge go ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti to'.split(
    ' ',
  );

/** Texts with words as frequent as in a language (the n-th word comes 1/n as often as the first), and identifiers. */
export class Language {
  readonly #random: Random;
  readonly #words: readonly string[];
  readonly #logarithm: number;

  constructor(random: Random, vocabulary = 60_000) {
    this.#random = random;
    const words = new Set<string>();
    while (words.size < vocabulary) {
      // Frequent words are short.
      const length = 1 + Math.floor(Math.log10(words.size + 1) / 1.7) + random.between(0, 1);
      words.add(Array.from({ length }, () => random.pick(syllables)).join('') + (random.chance(0.3) ? 'n' : ''));
    }
    this.#words = [...words];
    this.#logarithm = Math.log(vocabulary);
  }

  /** The word of a rank, 0 the most frequent. */
  wordOf(rank: number): string {
    return this.#words[rank] ?? '';
  }

  word(): string {
    return this.#words[Math.floor(Math.exp(this.#random.next() * this.#logarithm)) - 1] ?? '';
  }

  prose(words: number): string {
    let text = '';
    for (let i = 0; i < words; i++) text += `${this.word()}${i % 12 === 11 ? '.\n' : ' '}`;
    return text;
  }

  /** Chinese characters, some far more frequent than others. */
  chinese(characters: number): string {
    let text = '';
    for (let i = 0; i < characters; i++) {
      text += String.fromCharCode(0x4e00 + Math.floor(this.#random.next() ** 3 * 3000));
      if (i % 15 === 14) text += '。';
    }
    return text;
  }

  /** Lines of code or of a log, with what stands in those: punctuation, indentation, numbers, identifiers of hex digits. */
  output(lines: number): string {
    const random = this.#random;
    let text = '';
    for (let i = 0; i < lines; i++) {
      text += random.chance(0.7)
        ? `${'  '.repeat(random.between(0, 4))}const ${this.word()}_${this.word()} = await ${this.word()}.${this.word()}(${random.between(0, 99)}, { ${this.word()}: '${this.word()}' });\n`
        : `2026-11-${random.between(10, 28)}T10:${random.between(10, 59)}:00Z INFO [${random.word('0123456789abcdef', 8)}] src/${this.word()}/${this.word()}.ts:${random.between(1, 900)} ${this.word()} ${this.word()}\n`;
    }
    return text;
  }
}

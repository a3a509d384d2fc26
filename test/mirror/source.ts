import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A transcript that suffers everything a transcript can suffer, one synchronous step at a time. */
export class Source {
  readonly id: string;
  readonly #projects: string;
  readonly #random: () => number;
  #folder = 'a';
  #records = 0;
  #replaced = 0;
  /** Every content it ever had, newest last. */
  readonly past: string[] = [''];

  constructor(projects: string, id: string, random: () => number) {
    this.#projects = projects;
    this.id = id;
    this.#random = random;
  }

  get path(): string {
    return join(this.#projects, this.#folder, `${this.id}.jsonl`);
  }

  get text(): string {
    return existsSync(this.path) ? readFileSync(this.path, 'latin1') : '';
  }

  /** What of it is whole lines. */
  get whole(): string {
    const { text } = this;
    return text.slice(0, text.lastIndexOf('\n') + 1);
  }

  mutate(): string {
    const pick = <T>(...of: T[]): T => of[Math.floor(this.#random() * of.length)]!;
    const step = pick(
      'append',
      'append',
      'append',
      'tear',
      'heal',
      'truncate',
      'regrow',
      'rewrite',
      'copy',
      'replace',
      'move',
      'delete',
    );
    this[step]();
    const { text } = this;
    if (this.past.at(-1) !== text) this.past.push(text);
    return step;
  }

  append(): void {
    let text = this.text;
    for (let n = 1 + Math.floor(this.#random() * 3); n > 0; n--) text += this.#record();
    this.#inPlace(text);
  }

  tear(): void {
    this.#inPlace(this.text + this.#record().slice(0, -3));
  }

  /** A torn line stays, ended by a newline. */
  heal(): void {
    if (this.text !== this.whole) this.#inPlace(`${this.text}\n`);
  }

  truncate(): void {
    const lines = this.whole.split('\n').slice(0, -1);
    this.#inPlace(
      lines
        .slice(0, Math.floor(this.#random() * (lines.length + 1)))
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  regrow(): void {
    this.truncate();
    this.append();
    this.append();
  }

  /** Same inode, same size, other bytes in what was there before. */
  rewrite(): void {
    const { text } = this;
    const at = text.search(/"n":\d/);
    if (at >= 0) this.#inPlace(`${text.slice(0, at + 4)}${(Number(text[at + 4]) + 1) % 10}${text.slice(at + 5)}`);
  }

  /** Another inode with the same bytes, and perhaps more. */
  copy(): void {
    this.#anew(this.text + (this.#random() < 0.5 ? this.#record() : ''));
  }

  replace(): void {
    this.#anew(this.#record() + this.#record());
  }

  move(): void {
    if (!existsSync(this.path)) return;
    const from = this.path;
    this.#folder = this.#folder === 'a' ? 'b' : 'a';
    mkdirSync(dirname(this.path), { recursive: true });
    renameSync(from, this.path);
  }

  delete(): void {
    rmSync(this.path, { force: true });
  }

  #record(): string {
    this.#records++;
    const content = this.#random() < 0.2 ? `key SECRET${this.#records} here` : `turn ${this.#records}`;
    return `${JSON.stringify({ n: Math.floor(this.#random() * 10), uuid: `u${this.#records}`, type: 'user', sessionId: this.id, cwd: '/w', message: { role: 'user', content } })}\n`;
  }

  #inPlace(text: string): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, text, 'latin1');
  }

  #anew(text: string): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const other = `${this.path}.new`;
    writeFileSync(other, text, 'latin1');
    // Keeps the old inode in use, so that the new file surely has another one.
    if (existsSync(this.path)) linkSync(this.path, `${this.path}.old${++this.#replaced}`);
    renameSync(other, this.path);
  }
}

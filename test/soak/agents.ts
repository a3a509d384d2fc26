import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StreamAddress } from '../../src/store/keys.ts';
import type { Expected } from './check.ts';

interface Transcript {
  readonly path: string;
  readonly address: StreamAddress;
  resets: number;
  /** A record whose end is not written yet. */
  torn: string;
}

/** Agents at work: transcripts and sub-agents that grow, are torn and healed, cut and rewritten, with secrets in them. */
export class Agents {
  readonly #home: string;
  readonly #random: () => number;
  readonly #transcripts: Transcript[] = [];
  readonly #secrets: string[] = [];
  #records = 0;

  constructor(home: string, random: () => number) {
    this.#home = home;
    this.#random = random;
  }

  get records(): number {
    return this.#records;
  }

  /** One thing that an agent does. */
  act(): void {
    const one = this.#transcripts[this.#below(this.#transcripts.length)];
    const dice = this.#random();
    if (!one || (dice < 0.02 && this.#transcripts.length < 40)) this.#begin(one);
    else if (dice < 0.025) this.#cut(one);
    else if (dice < 0.03) this.#rewrite(one);
    else this.#grow(one);
  }

  /** Ends all that was torn, so that whole lines are what is there. */
  rest(): void {
    for (const one of this.#transcripts) {
      if (one.torn === '') continue;
      appendFileSync(one.path, one.torn);
      one.torn = '';
    }
  }

  expected(): Expected[] {
    return this.#transcripts.map(({ path, address, resets }) => ({
      address,
      text: readFileSync(path, 'utf8'),
      secrets: this.#secrets,
      resets,
    }));
  }

  #begin(parent: Transcript | undefined): void {
    const sub = parent !== undefined && parent.address.stream === 'main' && this.#random() < 0.4;
    const n = this.#transcripts.length;
    const session = sub ? parent.address.session : `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const folder = join(this.#home, '.claude/projects/-work');
    const path = join(folder, sub ? `${session}/subagents/agent-a${n}.jsonl` : `${session}.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    const stream = sub ? `agent-a${n}` : 'main';
    const address = { project: 'soak', harness: 'claude-code', session, stream };
    const one = { path, address, resets: 0, torn: '' };
    this.#transcripts.push(one);
    writeFileSync(path, this.#record(one));
  }

  #grow(one: Transcript): void {
    let text = one.torn;
    for (let n = this.#below(4); n >= 0; n--) text += this.#record(one);
    // A batch may be seen half written.
    const end = this.#random() < 0.2 ? this.#below(text.length) : text.length;
    appendFileSync(one.path, text.slice(0, end));
    one.torn = text.slice(end);
  }

  #cut(one: Transcript): void {
    const text = readFileSync(one.path, 'utf8');
    const lines = text.split('\n').slice(0, -1);
    writeFileSync(
      one.path,
      lines
        .slice(0, this.#below(lines.length))
        .map((line) => `${line}\n`)
        .join(''),
    );
    one.torn = '';
    one.resets++;
  }

  #rewrite(one: Transcript): void {
    let text = '';
    for (let n = this.#below(6); n >= 0; n--) text += this.#record(one);
    writeFileSync(one.path, text);
    one.torn = '';
    one.resets++;
  }

  #record({ address: { session } }: Transcript): string {
    const size = this.#random() < 0.01 ? 300_000 : this.#below(2000);
    const content = `${'word '.repeat(size / 5)}${this.#random() < 0.05 ? this.#secret() : ''}`;
    return `${JSON.stringify({ type: 'user', sessionId: session, n: this.#records++, message: { role: 'user', content } })}\n`;
  }

  /** The shape of a token that every rule set knows; made here, so that none stands in a file. */
  #secret(): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const body = Array.from({ length: 36 }, () => letters[this.#below(letters.length)]).join('');
    const secret = `ghp_${body}`;
    this.#secrets.push(secret);
    return secret;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

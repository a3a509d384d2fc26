import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { type Column, tableLines } from './table.ts';
import { visible } from './text.ts';

/** A standard stream: a terminal, or what it was redirected to. */
export type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

export interface OutputOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data as JSON; default: where standard output is no terminal. */
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Where a command writes: data to standard output, everything else to standard error. */
export class Output {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Data is written as JSON, one object a line. */
  readonly json: boolean;
  /** JSON was asked for by name: messages are objects too. */
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly #colour: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    const { stdout, stderr, env, json, quiet = false } = options;
    this.#options = options;
    this.stdout = stdout;
    this.stderr = stderr;
    this.json = json ?? !stdout.isTTY;
    this.strict = json === true;
    this.quiet = quiet;
    this.#colour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  }

  /** The same with data as text, unless JSON was asked for by name: for what people read. */
  asText(): Output {
    return this.strict ? this : new Output({ ...this.#options, json: false });
  }

  /** Waits while the reader is slow. The bytes are out when it is done. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((done) => {
      // An error is told by the stream itself.
      this.stdout.write(bytes, () => done());
    });
  }

  /** One object on a line of its own. */
  object(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value)}\n`);
  }

  line(text = ''): Promise<void> {
    return this.write(`${text}\n`);
  }

  async table<T>(rows: readonly T[], columns: readonly Column<T>[]): Promise<void> {
    if (rows.length === 0) return; // a heading alone says nothing
    const heading = (text: string) => this.style('dim', text);
    for (const line of tableLines(rows, columns, { width: this.stdout.columns, heading })) await this.line(line);
  }

  /** For people, on standard error. */
  note(message: string): void {
    if (this.quiet) return;
    this.stderr.write(this.strict ? `${JSON.stringify({ code: 'note', message })}\n` : `cairn: ${visible(message)}\n`);
  }

  style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text) : text;
  }
}

import type { RecordEvent } from '../trajectory/events.ts';
import type { ExportSource } from './source.ts';
import { type Block, blockOf } from './text.ts';

/**
 * A session as Markdown: front matter, then a block for each event that is read, headed by a comment with stream
 * (as in a URL), number, kind and length. A pure function of the events, whatever else is known of the session: so the same bytes
 * come out each time, and a file that grows with its session is what would be written anew.
 */
export async function* writeMarkdown(source: ExportSource): AsyncGenerator<string> {
  for (const [i, stream] of source.streams.entries()) {
    const page = new MarkdownStream(source, stream, i === 0);
    for await (const event of source.events(stream)) yield page.write(event);
    yield page.end();
  }
}

/** One stream, event by event. */
export class MarkdownStream {
  readonly #stream: string;
  readonly #isFirst: boolean;
  readonly #fields: [name: string, value: string][];
  #begun = false;

  constructor(source: Pick<ExportSource, 'harness' | 'session'>, stream: string, isFirst: boolean) {
    this.#stream = stream;
    this.#isFirst = isFirst;
    this.#fields = [
      ['harness', source.harness],
      ['session', source.session],
      ['stream', stream],
    ];
  }

  /** What an event adds: empty for most that are no part of the reading. */
  write(event: RecordEvent): string {
    if (!this.#begun) this.#note(event);
    const block = blockOf(event);
    if (block === undefined) return '';
    return this.#begin() + markdownBlock(event, block);
  }

  /** What is still missing of a stream without any block. */
  end(): string {
    return this.#begin();
  }

  /** What stands before the first block goes into the front matter. */
  #note(event: RecordEvent): void {
    const set = (name: string, value: string | undefined) => {
      if (value !== undefined && !this.#fields.some(([known]) => known === name)) this.#fields.push([name, value]);
    };
    set('started', event.time);
    if (event.kind !== 'session_start') return;
    set('folder', event.cwd);
    set('repository', event.repository);
    set('branch', event.branch);
    set('commit', event.commit);
    set('agent', event.agentVersion);
  }

  #begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    if (!this.#isFirst) return `# ${encodeURIComponent(this.#stream)}\n\n`;
    // A string of JSON is one of YAML, too.
    const fields = this.#fields.map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join('');
    return `---\n${fields}---\n\n`;
  }
}

function markdownBlock(event: RecordEvent, block: Block): string {
  const body = bodyOf(block);
  const time = event.time === undefined ? '' : ` · ${oneLine(event.time)}`;
  const content = `## ${oneLine(block.heading)}${time}\n\n${body}${body === '' ? '' : '\n\n'}`;
  return `<!-- ${encodeURIComponent(event.at.stream)} ${event.seq} ${event.kind} ${Buffer.byteLength(content)} -->\n${content}`;
}

function bodyOf({ text, code, kind }: Block): string {
  if (code !== undefined) {
    const fence = '`'.repeat(Math.max(3, longestRun(code, '`') + 1));
    return code === '' ? '' : `${fence}\n${code}${code.endsWith('\n') ? '' : '\n'}${fence}`;
  }
  const prose = (text ?? '').trimEnd();
  return kind === 'thinking' ? prose.replace(/^/gm, '> ') : prose;
}

function longestRun(text: string, character: string): number {
  return (text.match(new RegExp(`${character}+`, 'g')) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200);
}

/** A block as it stands in a file. */
export interface MarkedBlock {
  readonly stream: string;
  readonly seq: number;
  readonly kind: string;
  /** The block, its comment included. */
  readonly text: string;
}

/** The blocks of a file, taken by their lengths: a comment within a block is none. */
export function readBlocks(markdown: string): MarkedBlock[] {
  const bytes = Buffer.from(markdown);
  const blocks: MarkedBlock[] = [];
  const head = /<!-- (\S+) (\d+) (\w+) (\d+) -->\n/y;
  for (let at = bytes.indexOf('<!-- '); at >= 0; ) {
    head.lastIndex = 0;
    const match = head.exec(bytes.subarray(at, at + 400).toString('utf8'));
    const [line = '', stream = '', seq, kind = '', length] = match ?? [];
    const end = at + Buffer.byteLength(line) + Number(length ?? 0);
    if (match)
      blocks.push({ stream: nameOf(stream), seq: Number(seq), kind, text: bytes.subarray(at, end).toString('utf8') });
    at = bytes.indexOf('<!-- ', match ? end : at + 1);
  }
  return blocks;
}

function nameOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded; // somebody changed the file
  }
}

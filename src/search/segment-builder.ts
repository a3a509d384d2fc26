import { enlarged } from './bytes.ts';
import type { Run, SearchDocument, SearchSession } from './document.ts';
import { ColumnsBuilder } from './documents.ts';
import { noHint } from './hints.ts';
import type { Postings } from './matches.ts';
import { SegmentWriter, type WrittenSegment } from './segment-writer.ts';
import { normalised, termOf, tokenise } from './tokens.ts';
import { Vocabulary } from './vocabulary.ts';

/** Before a path that a tool call names, to keep it apart from words: no word begins with it. */
export const filePrefix = '\u0001';

/** Longer paths are known by their beginning. */
const longestPath = 4096;
const mostTools = 255;

/** Collects documents, then writes them as a segment. What it holds grows with the entries: twelve bytes for each. */
export class SegmentBuilder {
  readonly #vocabulary = new Vocabulary();
  /** Terms of all documents, in the order of the documents, each once in its document, and how often it stands there. */
  #terms = new Uint32Array(1 << 16);
  #counts = new Uint8Array(1 << 16);
  /** What stood beside it the first time. */
  #hints = new Uint8Array(1 << 16);
  #entries = 0;
  /** For each term: its last entry, plus 1. */
  #latest = new Uint32Array(1 << 14);
  /** Entries up to the end of each document. */
  readonly #ends: number[] = [];
  readonly #columns = new ColumnsBuilder();
  readonly #sessions: SearchSession[] = [];
  readonly #runs: Run[] = [];
  readonly #tools: string[] = [];
  #tokens = 0;
  #textBytes = 0;

  /** Entries so far: terms of each document. */
  get size(): number {
    return this.#entries;
  }

  get sessions(): number {
    return this.#sessions.length;
  }

  /** Adds a session's documents, in order, with the runs that they make; `first` of a run counts from 0 here. */
  add(session: SearchSession, runs: readonly Omit<Run, 'session'>[], documents: readonly SearchDocument[]): void {
    const at = this.#sessions.push(session) - 1;
    const base = this.#ends.length;
    for (const run of runs) this.#runs.push({ ...run, session: at, first: base + run.first });
    for (const document of documents) this.#add(document);
  }

  #add(document: SearchDocument): void {
    const text = normalised(document.text);
    const first = this.#entries;
    let tokens = 0;
    let before = -1;
    tokenise(text, (start, _, last, plain) => {
      tokens++;
      const term = plain
        ? this.#vocabulary.idOf(text, start, last)
        : this.#vocabulary.idOf(termOf(text, start, last, plain));
      before = this.#push(term, first, before);
    });
    for (const file of document.files) {
      const entry = this.#push(this.#vocabulary.idOf(filePrefix + pathTerm(file)), first, -1);
      this.#hints[entry] = noHint;
    }
    this.#tokens += tokens;
    this.#textBytes += Buffer.byteLength(text);
    const tool = document.tool === undefined ? 0 : toolNumber(this.#tools, document.tool);
    this.#columns.add(document, tool, tokens);
    this.#ends.push(this.#entries);
  }

  /** Returns the entry. @param first entry of the document @param before the entry of the word before, or -1 */
  #push(term: number, first: number, before: number): number {
    if (term >= this.#latest.length) this.#latest = enlarged(this.#latest);
    let entry = (this.#latest[term] ?? 0) - 1;
    if (entry >= first) {
      this.#counts[entry] = Math.min(255, (this.#counts[entry] ?? 0) + 1);
    } else {
      entry = this.#entries++;
      if (entry === this.#counts.length) {
        this.#terms = enlarged(this.#terms);
        this.#counts = enlarged(this.#counts);
        this.#hints = enlarged(this.#hints);
      }
      this.#terms[entry] = term;
      this.#counts[entry] = 1;
      this.#hints[entry] = before < 0 ? 0 : this.#vocabulary.bit(this.#terms[before] ?? 0);
      this.#latest[term] = entry + 1;
    }
    if (before >= 0 && this.#counts[before] === 1) {
      this.#hints[before] = ((this.#hints[before] ?? 0) & 1) | (this.#vocabulary.bit(term) << 1);
    }
    return entry;
  }

  async build(): Promise<WrittenSegment> {
    const { starts, ...postings } = this.#invert();
    const writer = new SegmentWriter(this.#ends.length);
    for (const id of this.#vocabulary.ordered()) {
      const full = writer.add(this.#vocabulary.term(id), postings, starts[id] ?? 0, starts[id + 1] ?? 0);
      if (full) await full;
    }
    return writer.finish({
      sessions: this.#sessions,
      runs: this.#runs,
      tools: this.#tools,
      columns: this.#columns.columns(),
      tokens: this.#tokens,
      textBytes: this.#textBytes,
    });
  }

  /** Entries by term instead of by document: a counting sort, which keeps documents in order. */
  #invert(): Postings & { readonly starts: Uint32Array } {
    const starts = new Uint32Array(this.#vocabulary.size + 1);
    for (const term of this.#terms.subarray(0, this.#entries)) starts[term + 1] = (starts[term + 1] ?? 0) + 1;
    for (let id = 0; id < this.#vocabulary.size; id++) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
    const free = starts.slice();
    const documents = new Uint32Array(this.#entries);
    const counts = new Uint8Array(this.#entries);
    const hints = new Uint8Array(this.#entries);
    let at = 0;
    this.#ends.forEach((end, number) => {
      for (; at < end; at++) {
        const term = this.#terms[at] ?? 0;
        const slot = free[term] ?? 0;
        free[term] = slot + 1;
        documents[slot] = number;
        counts[slot] = this.#counts[at] ?? 1;
        hints[slot] = this.#hints[at] ?? 0;
      }
    });
    return { documents, counts, hints, starts };
  }
}

/** Without halves of characters, which UTF-8 cannot hold. */
function pathTerm(path: string): string {
  return Buffer.from(normalised(path).slice(0, longestPath)).toString();
}

/** A tool's number in a segment, from 1; 0 where there are too many to tell them apart. */
export function toolNumber(tools: string[], tool: string): number {
  const known = tools.indexOf(tool);
  if (known >= 0) return known + 1;
  return tools.length < mostTools ? tools.push(tool) : 0;
}

import { ByteWriter } from './bytes.ts';
import type { Run, SearchDocument, SearchSession } from './document.ts';
import { type DocumentColumns, emptyColumns, lengthCode, setDocument } from './documents.ts';
import { writeDocument } from './postings.ts';
import { SegmentWriter, type WrittenSegment } from './segment-writer.ts';
import { normalised, tokenise } from './tokens.ts';

/** Before a path that a tool call names, to keep it apart from words: no word begins with it. */
export const filePrefix = '\u0001';

const mostTools = 255;

/** Collects documents, then writes them as a segment. What it holds grows with tokens: 12 bytes for each. */
export class SegmentBuilder {
  readonly #ids = new Map<string, number>();
  readonly #terms: string[] = [];
  /** Terms of all tokens in order; -1 - term for a path, which takes no place. */
  #tokens = new Int32Array(1 << 16);
  #count = 0;
  readonly #documents: { readonly document: SearchDocument; readonly tool: number; readonly end: number }[] = [];
  readonly #sessions: SearchSession[] = [];
  readonly #runs: Run[] = [];
  readonly #tools: string[] = [];
  #textBytes = 0;

  /** Tokens so far. */
  get size(): number {
    return this.#count;
  }

  get sessions(): number {
    return this.#sessions.length;
  }

  /** Adds a session's documents, in order, with the runs that they make; `first` of a run counts from 0 here. */
  add(session: SearchSession, runs: readonly Omit<Run, 'session'>[], documents: readonly SearchDocument[]): void {
    const at = this.#sessions.push(session) - 1;
    const base = this.#documents.length;
    this.#runs.push(...runs.map((run) => ({ ...run, session: at, first: base + run.first })));
    for (const document of documents) this.#add(document);
  }

  #add(document: SearchDocument): void {
    const text = normalised(document.text);
    tokenise(text, (term) => this.#push(this.#idOf(term)));
    for (const file of new Set(document.files)) this.#push(-1 - this.#idOf(filePrefix + normalised(file)));
    this.#textBytes += Buffer.byteLength(text);
    const tool = document.tool === undefined ? 0 : this.#toolOf(document.tool);
    this.#documents.push({ document: { ...document, text: '', files: [] }, tool, end: this.#count });
  }

  #idOf(term: string): number {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = this.#terms.push(term) - 1;
    this.#ids.set(term, id);
    return id;
  }

  #push(token: number): void {
    if (this.#count === this.#tokens.length) {
      const larger = new Int32Array(this.#tokens.length * 2);
      larger.set(this.#tokens);
      this.#tokens = larger;
    }
    this.#tokens[this.#count++] = token;
  }

  #toolOf(tool: string): number {
    const known = this.#tools.indexOf(tool);
    if (known >= 0) return known + 1;
    return this.#tools.length < mostTools ? this.#tools.push(tool) : 0;
  }

  async build(): Promise<WrittenSegment> {
    const { columns, documentOf, placeOf, starts } = this.#invert();
    const order = [...this.#terms.keys()].sort((a, b) => ((this.#terms[a] ?? '') < (this.#terms[b] ?? '') ? -1 : 1));
    const writer = new SegmentWriter();
    const [documents, places] = [new ByteWriter(), new ByteWriter()];
    for (const id of order) {
      documents.clear();
      places.clear();
      const end = starts[id + 1] ?? 0;
      let count = 0;
      let last = 0;
      for (let at = starts[id] ?? 0; at < end; count++) {
        const document = documentOf[at] ?? 0;
        let before = -1;
        let times = 0;
        for (; at < end && documentOf[at] === document; at++, times++) {
          const place = placeOf[at] ?? 0;
          if (place < 0) continue;
          places.number(place - before - 1);
          before = place;
        }
        writeDocument(documents, document - last, times);
        last = document;
      }
      await writer.add(this.#terms[id] ?? '', { count, documents: documents.view(), places: places.view() });
    }
    return writer.finish({
      sessions: this.#sessions,
      runs: this.#runs,
      tools: this.#tools,
      columns,
      tokens: this.#count,
      textBytes: this.#textBytes,
    });
  }

  /** Tokens by term instead of by document: a counting sort, which keeps documents and places in order. */
  #invert(): { columns: DocumentColumns; documentOf: Uint32Array; placeOf: Int32Array; starts: Uint32Array } {
    const starts = new Uint32Array(this.#terms.length + 1);
    const termOf = (token: number) => (token < 0 ? -1 - token : token);
    for (let i = 0; i < this.#count; i++) {
      const next = termOf(this.#tokens[i] ?? 0) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let id = 0; id < this.#terms.length; id++) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
    const free = starts.slice();
    const documentOf = new Uint32Array(this.#count);
    const placeOf = new Int32Array(this.#count);
    const columns = emptyColumns(this.#documents.length);
    let at = 0;
    this.#documents.forEach(({ document, tool, end }, number) => {
      setDocument(columns, number, document, tool);
      let place = 0;
      for (; at < end; at++) {
        const token = this.#tokens[at] ?? 0;
        const id = termOf(token);
        const slot = free[id] ?? 0;
        free[id] = slot + 1;
        documentOf[slot] = number;
        placeOf[slot] = token < 0 ? -1 : place++;
      }
      columns.length[number] = lengthCode(place);
    });
    return { columns, documentOf, placeOf, starts };
  }
}

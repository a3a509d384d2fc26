import { CairnError } from '../errors.ts';
import { linesOf } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import { expandPack, splitPack } from '../mirror/pack.ts';
import { openPart } from '../mirror/part.ts';
import { type PartAddress, packKey, partKey } from '../store/keys.ts';
import { Sequence } from '../trajectory/sequence.ts';
import type { ObjectReader } from './cache.ts';
import { documentOf, longestText } from './event-document.ts';
import type { Phrase, Query } from './query.ts';
import type { Hit } from './search.ts';
import { normalised, type Token, tokensOf } from './tokens.ts';

/** A line of a text that was found, and where in it what was searched for stands: pairs of start and end. */
export interface SpotLine {
  /** From 1, in the event's text. */
  readonly line: number;
  readonly text: string;
  readonly marks: readonly (readonly [start: number, end: number])[];
}

/** Lines above so many characters are cut to what surrounds the first mark. */
const longestLine = 400;

/** Finds what is searched for in a text: marks ascending. */
export type FindMarks = (text: string) => readonly (readonly [start: number, end: number])[];

/** Parts whose records are kept in memory. */
const partsKept = 16;

/** Reads texts of hits from the parts that they lie in; hits in one part cost one read. */
export class TextReader {
  readonly #reader: ObjectReader;
  readonly #project: string;
  readonly #harness: (name: string) => Pick<Harness, 'projector'> | undefined;
  readonly #parts = new Map<string, Promise<readonly Uint8Array[]>>();

  constructor(
    reader: ObjectReader,
    project: string,
    harness: (name: string) => Pick<Harness, 'projector'> | undefined,
  ) {
    this.#reader = reader;
    this.#project = project;
    this.#harness = harness;
  }

  /** The text of a hit, normalised; `undefined` where it is no longer there. @throws CairnError of the store, `corrupt` */
  async read({ harness, session, stream, kind, place }: Hit): Promise<string | undefined> {
    const { epoch, part, record, nth } = place;
    const projector = this.#harness(harness)?.projector;
    if (!projector) return undefined;
    const recordsOf = (seq: number) => this.#records({ project: this.#project, harness, session, stream, epoch, seq });
    const records = await recordsOf(part);
    const textAfter = (before: readonly Uint8Array[]) => {
      const sequence = new Sequence(projector(stream), { inline: longestText });
      const project = (line: Uint8Array) => sequence.events(line, { stream, epoch, record });
      for (const line of before) project(line);
      const documents = project(records[record] ?? new Uint8Array()).map((event) => documentOf(event));
      const text = documents.filter((document) => document?.kind === kind)[nth]?.text;
      return text && normalised(text);
    };
    if (records[record] === undefined) return undefined;
    // The record alone, as a rule: few events are known by those before them only, such as that a folder is another one.
    const text = textAfter([]);
    if (text !== undefined) return text;
    const earlier = part > 0 ? await recordsOf(part - 1) : [];
    return textAfter([...earlier, ...records.slice(0, record)]);
  }

  #records(place: PartAddress): Promise<readonly Uint8Array[]> {
    const key = partKey(place);
    const known = this.#parts.get(key);
    if (known) return known;
    const read = this.#read(place);
    const [oldest] = this.#parts.keys();
    if (oldest !== undefined && this.#parts.size >= partsKept) this.#parts.delete(oldest);
    this.#parts.set(key, read);
    return read;
  }

  async #read(place: PartAddress): Promise<readonly Uint8Array[]> {
    return [...linesOf(await partLines(this.#reader, place))];
  }
}

async function partLines(reader: ObjectReader, place: PartAddress): Promise<Uint8Array> {
  const key = partKey(place);
  let bytes: Uint8Array;
  try {
    bytes = await reader.read(key);
  } catch (error) {
    const pack = error instanceof CairnError && error.code === 'not-found' ? await reader.packOf(place) : undefined;
    if (!pack) throw error;
    const at = packKey(place, place.epoch, pack);
    const parts = splitPack(await expandPack(single(await reader.read(at)), at), at, pack, false);
    return parts[place.seq - pack.first]?.lines ?? new Uint8Array();
  }
  const pieces: Uint8Array[] = [];
  for await (const { lines } of openPart(single(bytes), key)) if (lines) pieces.push(lines);
  return Buffer.concat(pieces);
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Marks what a query finds. */
export function queryMarks(query: Query): FindMarks {
  return (text) => {
    const tokens = tokensOf(text);
    const marks: [number, number][] = [];
    for (const phrase of query.all) {
      tokens.forEach(({ start }, at) => {
        if (!stands(phrase, tokens, at)) return;
        const last = tokens[at + phrase.length - 1];
        // A pair of a script without gaps covers the character after it as well.
        const wide = Math.max(last?.end ?? start, (last?.start ?? start) + (last?.term.length ?? 0));
        marks.push([start, phrase.at(-1)?.prefix ? (last?.end ?? start) : Math.min(wide, text.length)]);
      });
    }
    return marks.sort(([a], [b]) => a - b);
  };
}

/** Whether a text has all phrases of a query and none of those that it excludes. */
export function matchesQuery({ all, none }: Query): (text: string) => boolean {
  return (text) => {
    const tokens = tokensOf(text);
    const has = (phrase: Phrase) => tokens.some((_, at) => stands(phrase, tokens, at));
    return all.every(has) && !none.some(has);
  };
}

function stands(phrase: Phrase, tokens: readonly Token[], at: number): boolean {
  return phrase.every(({ term, prefix }, i) => {
    const token = tokens[at + i]?.term;
    return token !== undefined && (prefix ? token.startsWith(term) : token === term);
  });
}

/** The lines with marks, each with `context` lines around it, at most `most` marked ones. */
export function spotLines(text: string, find: FindMarks, context: number, most: number): SpotLine[] {
  const marks = find(text);
  const lines = text.split('\n');
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const marked = new Map<number, [number, number][]>();
  let at = 0;
  for (const [from, to] of marks) {
    while (at + 1 < lines.length && (starts[at + 1] ?? 0) <= from) at++;
    const begin = starts[at] ?? 0;
    const own = marked.get(at) ?? [];
    marked.set(at, own);
    own.push([from - begin, Math.min(to - begin, lines[at]?.length ?? 0)]);
  }
  const shown = new Set<number>();
  // Where nothing is marked, as with a filter alone, it is the beginning that tells.
  const chosen = marked.size > 0 ? [...marked.keys()].slice(0, most) : [0, 1].slice(0, lines.length);
  for (const line of chosen) {
    for (let i = Math.max(0, line - context); i <= Math.min(lines.length - 1, line + context); i++) shown.add(i);
  }
  return [...shown].sort((a, b) => a - b).map((i) => cut(i + 1, lines[i] ?? '', marked.get(i) ?? []));
}

function cut(line: number, text: string, marks: readonly (readonly [number, number])[]): SpotLine {
  if (text.length <= longestLine) return { line, text, marks };
  const from = Math.max(0, Math.min((marks[0]?.[0] ?? 0) - longestLine / 4, text.length - longestLine));
  const to = from + longestLine;
  const lead = from > 0 ? '…' : '';
  return {
    line,
    text: `${lead}${text.slice(from, to)}${to < text.length ? '…' : ''}`,
    marks: marks
      .filter(([start, end]) => start >= from && end <= to)
      .map(([start, end]) => [start - from + lead.length, end - from + lead.length] as const),
  };
}

import { linesOf } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import { type PartAddress, partKey } from '../store/keys.ts';
import { Sequence } from '../trajectory/sequence.ts';
import type { ObjectReader } from './cache.ts';
import { documentOf, longestText } from './event-document.ts';
import type { Hit } from './hit.ts';
import { PartLines } from './part-lines.ts';
import { normalised } from './tokens.ts';

/** Parts whose records are kept in memory. */
const partsKept = 16;

/** Reads texts of hits from the parts that they lie in; hits in one part cost one read. */
export class TextReader {
  readonly #lines: PartLines;
  readonly #project: string;
  readonly #harness: (name: string) => Pick<Harness, 'projector'> | undefined;
  readonly #parts = new Map<string, Promise<readonly Uint8Array[]>>();

  constructor(
    reader: ObjectReader,
    project: string,
    harness: (name: string) => Pick<Harness, 'projector'> | undefined,
  ) {
    this.#lines = new PartLines(reader);
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
    return [...linesOf(await this.#lines.of(place))];
  }
}

import { CairnError } from '../errors.ts';
import { emptySummary, linesOfPieces, parseRecord } from '../harness/index.ts';
import { fetchHeader, listEpochs, nextHeader, placeIn } from '../mirror/epochs.ts';
import { deletedReason, type PartHeader, type PartPiece } from '../mirror/part.ts';
import { createPart, makeHeader, type Stream, sealLines } from '../mirror/stream.ts';
import { firstRecord } from '../mirror/stream-record.ts';
import { chooseEpoch, readParts } from '../sessions/reader.ts';
import { readStored, type StoredPart } from '../sessions/stored-parts.ts';
import type { SessionStoreEntry } from './types.ts';

/** Who has not looked for so long may find its number packed away: then nothing shows that it is taken. */
const STALE_MS = 12 * 3_600_000;
/** Parts that others put between two of mine before it is given up. */
const attempts = 100;

interface Line {
  readonly uuid: string | undefined;
  readonly text: string;
}

/**
 * The writing end of one transcript. Any number of processes may write to it: what each adds is one part after
 * another, in the order in which the bucket took them.
 */
export class EntryLog {
  readonly stream: Stream;
  /** Ids of the entries that are there; absent until the bucket was read. */
  #uuids: Set<string> | undefined;
  /** When it was last known what is there, milliseconds since 1970. */
  #seenAt = 0;
  /** Bytes of the entries so far, as they came. */
  #offset = 0;
  /** A call that failed, and how many of its lines are stored. */
  #failed: { readonly lines: readonly Line[]; readonly done: number } | undefined;
  /** Parts that hold so many more of them, by their marks: each may be there, or land later. */
  readonly #inFlight = new Map<string, number>();
  /** Lines of such a part that was seen to be there. */
  #landed = 0;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** Reads what the bucket has, unless that was done. @throws CairnError `terminal` where it was deleted, `corrupt` */
  async open(): Promise<void> {
    if (Math.abs(this.stream.runtime.now() - this.#seenAt) > STALE_MS) this.#uuids = undefined;
    if (!this.#uuids) await this.#read();
  }

  /**
   * Adds the entries that are not there yet. The same call again, after it failed, adds what is missing.
   * @throws CairnError `terminal` where the transcript was deleted, `unknown`, and of the store
   */
  async append(entries: readonly SessionStoreEntry[]): Promise<void> {
    await this.open();
    const lines = entries.map((entry) => ({ uuid: entry.uuid, text: JSON.stringify(entry) }));
    let done = await this.#resume(lines);
    try {
      for (let lost = 0; lost < attempts; lost++) {
        const block = this.#nextBlock(lines, done);
        if (block.texts.length === 0) return;
        if (await this.#put(block.texts, block.through - done)) {
          for (const { uuid } of lines.slice(done, block.through)) if (uuid !== undefined) this.#uuids?.add(uuid);
          done = block.through;
          lost = 0;
        } else {
          await this.#catchUp();
          done += this.#takeLanded();
        }
      }
      throw new CairnError('held', `expected a turn in ${this.stream.address.session}, but others write all the time`, {
        hint: 'write a session from one process at a time',
      });
    } catch (error) {
      this.#failed = { lines, done };
      throw error;
    }
  }

  /** How many of these lines an earlier call with the same ones has stored. */
  async #resume(lines: readonly Line[]): Promise<number> {
    const failed = this.#failed;
    if (!failed) return 0;
    await this.#catchUp();
    const isSame = failed.lines.length === lines.length && failed.lines.every(({ text }, i) => text === lines[i]?.text);
    const stored = this.#takeLanded();
    this.#failed = undefined;
    if (!isSame) this.#inFlight.clear();
    return isSame ? failed.done + stored : 0;
  }

  #takeLanded(): number {
    const landed = this.#landed;
    this.#landed = 0;
    return landed;
  }

  /** Lines from `done` on that are new and fit into one part. */
  #nextBlock(lines: readonly Line[], done: number): { readonly texts: readonly string[]; readonly through: number } {
    const texts: string[] = [];
    const seen = new Set<string>();
    let bytes = 0;
    let through = done;
    for (const { uuid, text } of lines.slice(done)) {
      const isKnown = uuid !== undefined && (this.#uuids?.has(uuid) || seen.has(uuid));
      if (!isKnown) {
        bytes += Buffer.byteLength(text) + 1;
        if (texts.length > 0 && bytes > this.stream.chunkBytes) break;
        texts.push(text);
        if (uuid !== undefined) seen.add(uuid);
      }
      through++;
    }
    return { texts, through };
  }

  /** Puts lines into the next number. False: another has it. */
  async #put(texts: readonly string[], through: number): Promise<boolean> {
    const { stream } = this;
    const { record, preparer, ref } = stream;
    const plain = Buffer.from(texts.map((text) => `${text}\n`).join(''));
    const hmac = stream.key.hmac();
    hmac.update(plain);
    const to = this.#offset + plain.length;
    preparer.begin(ref.name, record.summary);
    const prepared = await sealLines(stream, await preparer.prepare(ref.name, plain));
    const part = {
      ...prepared,
      from: { kind: 'bytes' as const, offset: this.#offset },
      // It comes from no file: what says where it stands is the position alone.
      to: { kind: 'bytes' as const, offset: to, path: '', dev: '', ino: '', guard: '', blocks: '' },
      records: texts.length,
      source: hmac.digest(),
    };
    const header = makeHeader(stream, record, part, {});
    this.#inFlight.set(header.w, through);
    const placed = await createPart(stream, header, part.body);
    if (placed.outcome === 'lost') return false;
    // Its number is taken: no earlier one lands any more.
    this.#inFlight.clear();
    this.#advance(header);
    this.#seenAt = stream.runtime.now();
    record.summary = part.summary;
    return true;
  }

  /** Header of the part behind what is known. */
  #next(): Promise<PartHeader | undefined> {
    const { store, address, record } = this.stream;
    return nextHeader(store, { ...address, epoch: record.epoch, seq: record.seq });
  }

  /** Goes on behind what others added. */
  async #catchUp(): Promise<void> {
    const { store, address } = this.stream;
    for (let header = await this.#next(); header; header = await this.#next()) {
      const { epoch, seq } = header;
      // It goes on elsewhere, or not at all.
      if (header.closed) await this.#read();
      else await this.#take(piecesOf(readStored(store, address, { epoch, seqs: [seq], packs: [] })), this.#uuids);
    }
  }

  /** Takes all that is there anew. */
  async #read(): Promise<void> {
    const { store, address, record } = this.stream;
    this.#uuids = undefined;
    this.#offset = 0;
    Object.assign(record, { ...firstRecord(), summary: emptySummary });
    const uuids = new Set<string>();
    const epochs = await listEpochs(store, address);
    const last = epochs.at(-1);
    if (last) {
      const end = await fetchHeader(store, placeIn(address, last, last.seqs.at(-1) ?? 0));
      if (end?.closed?.reason === deletedReason) {
        throw new CairnError('terminal', `expected ${address.session} to be there, but it was deleted`, {
          hint: 'begin a new session: what was deleted does not come back',
        });
      }
      const { run } = await chooseEpoch(store, address, epochs);
      await this.#take(readParts(store, address, run), uuids);
    }
    this.#uuids = uuids;
    this.#seenAt = this.stream.runtime.now();
  }

  async #take(parts: AsyncIterable<PartPiece>, uuids: Set<string> | undefined): Promise<void> {
    const { address, record, harness } = this.stream;
    const { stream } = address;
    const advance = (header: PartHeader) => this.#advance(header);
    async function* lines() {
      for await (const piece of parts) {
        if (piece.header) advance(piece.header);
        else yield piece.lines;
      }
    }
    let summary = record.summary ?? emptySummary;
    for await (const bytes of linesOfPieces(lines())) {
      const value = parseRecord(bytes);
      summary = harness.summarise(summary, { stream, bytes, value });
      const uuid = (value as { uuid?: unknown } | null | undefined)?.uuid;
      if (typeof uuid === 'string') uuids?.add(uuid);
    }
    record.summary = summary;
  }

  #advance(header: PartHeader): void {
    const { record } = this.stream;
    this.#landed += this.#inFlight.get(header.w) ?? 0;
    this.#inFlight.delete(header.w);
    record.epoch = header.epoch;
    record.seq = header.seq + 1;
    record.chain = header.chain;
    record.totals = header.totals;
    record.event = header.event;
    record.at = header.at;
    if (header.to.kind === 'bytes') this.#offset = header.to.offset;
  }
}

async function* piecesOf(parts: AsyncIterable<StoredPart>): AsyncGenerator<PartPiece> {
  for await (const { header, lines } of parts) {
    yield { header };
    yield { lines };
  }
}

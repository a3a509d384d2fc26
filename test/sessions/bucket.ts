import { promisify } from 'node:util';
import { gzip as gzipCallback, gzipSync } from 'node:zlib';
import type { CatalogLine, SessionMeta } from '../../src/mirror/meta.ts';
import {
  chainHash,
  compressHeader,
  compressRecords,
  contentHash,
  noTotals,
  type PartHeader,
} from '../../src/mirror/part.ts';
import { catalogKey, metaKey, partKey, type SessionAddress, type StreamAddress } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { testRuntime } from '../store/runtime.ts';

const gzip = promisify(gzipCallback);

export const session: SessionAddress = {
  project: 'p',
  harness: 'claude-code',
  session: '49d9aac8-4336-424d-8f44-ade0771584a6',
};
export const main: StreamAddress = { ...session, stream: 'main' };

/** Counts what a reader asks for. */
export interface WatchedStore extends BucketStore {
  readonly asked: { get: string[]; list: string[] };
  bytesRead: number;
}

export function watchedStore(inner: BucketStore = memoryStore(testRuntime())): WatchedStore {
  const asked = { get: [] as string[], list: [] as string[] };
  const store: WatchedStore = {
    ...inner,
    asked,
    bytesRead: 0,
    async get(key, options) {
      asked.get.push(key);
      const object = await inner.get(key, options);
      if (object) store.bytesRead += options?.range ? 0 : object.size;
      return object;
    },
    list(prefix, options) {
      asked.list.push(prefix);
      return inner.list(prefix, options);
    },
  };
  return store;
}

/** Writes the parts of one epoch, each from its lines, as a mirror would. */
export class EpochWriter {
  readonly #store: BucketStore;
  readonly #address: StreamAddress;
  readonly #epoch: number;
  #header: PartHeader | undefined;
  #opened: PartHeader['opened'];

  constructor(store: BucketStore, address: StreamAddress, epoch = 0, opened?: PartHeader['opened']) {
    this.#store = store;
    this.#address = address;
    this.#epoch = epoch;
    this.#opened = opened;
  }

  get last(): PartHeader {
    return this.#header!;
  }

  /** `change` is laid over the header, so that a test can lie. */
  async put(lines: readonly string[], change: Partial<PartHeader> = {}): Promise<PartHeader> {
    const body = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const before = this.#header;
    const offset = before?.to.kind === 'bytes' ? before.to.offset : 0;
    const { project: _, ...place } = this.#address;
    const prev = before?.chain ?? this.#opened?.departs?.chain ?? '';
    const content = contentHash(body);
    const totals = before?.totals ?? noTotals;
    const header: PartHeader = {
      cairn: 'part',
      v: 1,
      w: `w-${this.#epoch}-${before ? before.seq + 1 : 0}`,
      ...place,
      epoch: this.#epoch,
      seq: before ? before.seq + 1 : 0,
      from: { kind: 'bytes', offset },
      to: { kind: 'bytes', offset: offset + body.length },
      records: lines.length,
      bytes: body.length,
      source: '00',
      content,
      prev,
      chain: chainHash(prev, content),
      redactions: {},
      redactor: 'test',
      totals: { records: totals.records + lines.length, bytes: totals.bytes + body.length, redactions: {} },
      ...(this.#opened && !before && { opened: this.#opened }),
      writer: { mirror: 'm1', host: 'host-1', version: '0.0.0' },
      at: '2026-11-21T10:00:00.000Z',
      ...change,
    };
    this.#header = header;
    const key = partKey({ ...this.#address, epoch: this.#epoch, seq: header.seq });
    await this.#store.overwrite(key, Buffer.concat([await compressHeader(header), await compressRecords(body, 3)]));
    return header;
  }

  async close(next: { epoch: number; seq: number }, reason = 'truncated'): Promise<PartHeader> {
    return this.put([], { closed: { reason, restart: true, next } });
  }
}

/** Records that tell where they stand. */
export function records(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ n: from + i }));
}

export function metaOf(address: SessionAddress, change: Partial<SessionMeta> = {}): SessionMeta {
  return {
    cairn: 'meta',
    v: 1,
    harness: address.harness,
    session: address.session,
    state: 'active',
    summary: { title: 'A title', turns: 1, records: 2, invalid: 0, unknown: 0 },
    streams: {},
    redactor: 'test',
    updatedAt: '2026-11-21T10:00:00.000Z',
    writer: { mirror: 'm1', host: 'host-1', version: '0.0.0' },
    ...change,
  };
}

export async function putMeta(
  store: BucketStore,
  address: SessionAddress,
  meta: object = metaOf(address),
): Promise<void> {
  await store.overwrite(metaKey(address), Buffer.from(JSON.stringify(meta)));
}

export function lineOf(id: string, change: Partial<CatalogLine> = {}): CatalogLine {
  return {
    harness: 'codex',
    session: id,
    state: 'active',
    host: 'host-1',
    mirror: 'm1',
    turns: 1,
    records: 1,
    bytes: 1,
    agents: 0,
    unknown: 0,
    redactions: 0,
    updatedAt: '2026-11-21T10:00:00.000Z',
    ...change,
  };
}

export async function putCatalog(
  store: BucketStore,
  mirror: string,
  file: 'base' | 'recent',
  lines: readonly (object | string)[],
): Promise<void> {
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  await store.overwrite(catalogKey('p', mirror, file), await gzip(text));
}

/** Gzip that is `mebibytes` long when it is opened, and one line without an end. */
export function bomb(mebibytes: number): Uint8Array {
  const member = gzipSync(Buffer.alloc(1 << 20, 97));
  return Buffer.concat(Array.from({ length: mebibytes }, () => member));
}

/** All lines of a reader. */
export async function textOf(pieces: AsyncIterable<{ readonly lines?: Uint8Array }>): Promise<string> {
  const lines: Uint8Array[] = [];
  for await (const piece of pieces) if (piece.lines) lines.push(piece.lines);
  return Buffer.concat(lines).toString('utf8');
}

import { readParts } from '../sessions/reader.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import type { SourceStream } from './source.ts';

/** A place between two parts of a stream. */
export interface Place {
  readonly epoch: number;
  /** Of the last part before it. */
  readonly seq: number;
  readonly chain: string;
}

/** Whether the stream's content goes through `place`. */
export function goesThrough({ run }: SourceStream, { epoch, seq }: Place): boolean {
  return run.some((piece) => piece.epoch === epoch && seq <= piece.through);
}

/**
 * The records of a stream for this host, in blocks of whole lines, behind `after`. All parts are read and proven.
 * @throws CairnError `corrupt`
 */
export async function* contentOf(
  store: BucketStore,
  stream: SourceStream,
  rewrite: (block: Uint8Array) => Uint8Array,
  options: RequestOptions & { readonly after?: Place | undefined } = {},
): AsyncGenerator<Uint8Array> {
  const { after, ...request } = options;
  let behind = after === undefined;
  let rest: Uint8Array = new Uint8Array();
  for await (const { header, lines } of readParts(store, stream.address, stream.run, request)) {
    if (header) {
      behind ||= header.prev === after?.chain;
      continue;
    }
    if (!behind) continue;
    const block = rest.length > 0 ? Buffer.concat([rest, lines]) : lines;
    const end = block.lastIndexOf(10) + 1;
    if (end > 0) yield rewrite(block.subarray(0, end));
    rest = block.subarray(end);
  }
}

import type { Harness } from '../harness/types.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';
import { commitsOf, type Edit, editsOf } from '../trajectory/edits.ts';
import { readEvents } from './events.ts';
import { listSession } from './listing.ts';

/** A call that touched a file, or a commit that a call made. */
export interface Touch {
  readonly line: CatalogLine;
  readonly stream: string;
  readonly seq: number;
  readonly turn: number;
  readonly callId: string;
  readonly time?: string;
  /** What was done: a tool's name. */
  readonly tool?: string;
  readonly edit?: Edit;
  readonly commit?: string;
  /** The call came to an error: nothing was written. */
  readonly failed?: true;
}

export interface TouchOptions extends RequestOptions {
  readonly project: string;
  harness(name: string): Harness | undefined;
  readonly onProblem: (line: CatalogLine, cause: unknown) => void;
}

/** Sessions read at once. */
const ahead = 6;

/** Every edit and commit that sessions record, session by session in the order given: all of them are read. */
export async function* touchesOf(
  store: BucketStore,
  lines: readonly CatalogLine[],
  options: TouchOptions,
): AsyncGenerator<Touch> {
  const reading: Promise<readonly Touch[]>[] = [];
  for (let i = 0; i < lines.length; i++) {
    for (const next of lines.slice(i + reading.length, i + ahead)) reading.push(touchesIn(store, next, options));
    yield* (await reading.shift()) ?? [];
  }
}

async function touchesIn(store: BucketStore, line: CatalogLine, options: TouchOptions): Promise<readonly Touch[]> {
  const { project, signal } = options;
  const touches: Touch[] = [];
  const open = new Map<string, number[]>();
  try {
    const listing = await listSession(
      store,
      { project, harness: line.harness, session: line.session },
      signal && { signal },
    );
    const events = readEvents(store, listing, options.harness(line.harness), {
      wants: (stream) => stream !== 'files' && stream !== 'file-history',
      ...(signal && { signal }),
    });
    for await (const event of events) {
      if (event.kind !== 'tool_call' && event.kind !== 'tool_result') continue;
      const { seq, turn, callId, time, at } = event;
      const place = { line, stream: at.stream, seq, turn, callId, ...(time !== undefined && { time }) };
      const key = `${at.stream} ${callId}`;
      if (event.kind === 'tool_call') {
        for (const edit of editsOf(event)) {
          open.set(key, [...(open.get(key) ?? []), touches.length]);
          touches.push({ ...place, tool: event.tool, edit });
        }
        continue;
      }
      for (const index of (event.error && open.get(key)) || []) {
        const touch = touches[index];
        if (touch) touches[index] = { ...touch, failed: true };
      }
      for (const commit of commitsOf(event)) touches.push({ ...place, commit });
    }
  } catch (cause) {
    options.onProblem(line, cause);
  }
  return touches;
}

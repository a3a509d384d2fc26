import type { App } from '../app.ts';
import type { ExportSource } from '../export/source.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import { readCatalog } from '../sessions/catalog.ts';
import { readEvents } from '../sessions/events.ts';
import { type ListFilter, selectLines } from '../sessions/list.ts';
import { listSession, pickStream, type SessionListing } from '../sessions/listing.ts';
import { readPayload } from '../sessions/payloads.ts';
import { resolveSession } from '../sessions/resolve.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { type Masked, maskEvent, maskFacts } from '../trajectory/mask.ts';
import type { Output } from './output.ts';

export interface SourceOptions {
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly filter: ListFilter;
  /** Of all sessions, those that labels choose. */
  choose?(lines: readonly CatalogLine[]): Promise<readonly CatalogLine[]>;
  readonly stream: string | undefined;
  readonly kinds: readonly string[] | undefined;
  /** Texts up to so many characters stand in events. */
  readonly inline: number | undefined;
  /** What of events, and of what is known of sessions, is left out. */
  readonly mask?: readonly Masked[] | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** A session to export, with what lies in the bucket of it. */
export interface OpenSource extends ExportSource {
  readonly line: CatalogLine;
  readonly listing: SessionListing;
}

/** The sessions that were named, or those that the filters leave, each opened when its turn comes. */
export async function* openSources(app: App, options: SourceOptions): AsyncGenerator<OpenSource> {
  const { ids, all, filter, output, signal } = options;
  const { lines, problems } = await readCatalog(app.store, app.project, { signal });
  for (const problem of problems) output.note(problem);
  for (const id of ids) {
    const listing = await resolveSession(app.store, app.project, id, { signal });
    const { harness, session } = listing.address;
    const line = lines.find((known) => known.harness === harness && known.session === session);
    yield openSource(app, listing, line ?? unlisted(harness, session), options);
  }
  if (!all) return;
  const chosen = (await options.choose?.(lines)) ?? lines;
  for (const line of selectLines(chosen, { ...filter, sort: 'age' })) {
    const { harness, session } = line;
    yield openSource(
      app,
      await listSession(app.store, { project: app.project, harness, session }, { signal }),
      line,
      options,
    );
  }
}

function openSource(app: App, listing: SessionListing, line: CatalogLine, options: SourceOptions): OpenSource {
  const { stream: wanted, kinds, inline, output, signal } = options;
  const mask = new Set(options.mask);
  const { harness: name, session } = listing.address;
  const harness = app.harnesses.find((known) => known.name === name);
  const isTranscript = (stream: string) => stream !== 'files' && stream !== 'file-history';
  const streams =
    wanted === undefined ? [...listing.streams.keys()].filter(isTranscript) : [pickStream(listing, wanted)[0]];
  const onFork = (stream: string, read: number, others: readonly number[]) =>
    output.note(`${stream} is forked: epoch ${read} is exported, open are also ${others.join(', ')}`);
  return {
    harness: name,
    session,
    line: maskFacts(line, mask),
    listing,
    streams,
    events(stream) {
      const events = readEvents(app.store, listing, harness, {
        signal,
        onFork,
        wants: (one) => one === stream,
        ...(inline !== undefined && { inline }),
      });
      return chosenOf(events, kinds, mask);
    },
    payload: (payload) => readPayload(app.store, listing, payload, { signal }),
  };
}

async function* chosenOf(
  events: AsyncIterable<RecordEvent>,
  kinds: readonly string[] | undefined,
  mask: ReadonlySet<Masked>,
): AsyncGenerator<RecordEvent> {
  for await (const event of events) if (kinds?.includes(event.kind) ?? true) yield maskEvent(event, mask);
}

/** Of a session that no catalog has yet. */
function unlisted(harness: string, session: string): CatalogLine {
  const none = { turns: 0, records: 0, bytes: 0, agents: 0, unknown: 0, redactions: 0 };
  return { harness, session, state: 'active', host: '', mirror: '', ...none, updatedAt: '' };
}

import type { App } from '../app.ts';
import { MarkdownStream } from '../export/markdown.ts';
import { linesOf } from '../harness/index.ts';
import { fetchHeader } from '../mirror/epochs.ts';
import { followSession } from '../sessions/follow.ts';
import { Sequence } from '../trajectory/sequence.ts';
import type { Sink } from './export-sink.ts';
import type { OpenSource } from './export-sources.ts';

/**
 * The transcript as Markdown, from its start and then as it grows, until the session ends or the signal comes. An epoch
 * that replaces what was written is not shown: what is there stays a beginning of the session as it was.
 */
export async function followMarkdown(app: App, source: OpenSource, sink: Sink, signal: AbortSignal): Promise<void> {
  const [stream = 'main'] = source.streams;
  const harness = app.harnesses.find(({ name }) => name === source.harness);
  const page = new MarkdownStream(source, stream, true);
  if (!harness?.projector) return;
  const sequence = new Sequence(harness.projector(stream), { inline: 1 << 24 });
  const { address } = source.listing;
  const first = await fetchHeader(app.store, { ...address, stream, epoch: 0, seq: 0 }, { signal });
  if (!first) return;
  let rest: Uint8Array = new Uint8Array();
  let place = { epoch: 0, record: 0 };
  const from = new Map([[stream, { epoch: 0, seq: 0, chain: '' }]]);
  for await (const news of followSession(app.store, address, {
    runtime: app.runtime,
    from,
    wants: () => false,
    signal,
  })) {
    if (news.event === 'epoch' && news.restart) return;
    if (news.event !== 'part') continue;
    const { header, lines } = news.piece;
    if (header) place = { epoch: header.epoch, record: header.totals.records - header.records };
    if (!lines) continue;
    const block = rest.length > 0 ? Buffer.concat([rest, lines]) : lines;
    const end = block.lastIndexOf(10) + 1;
    for (const line of linesOf(block.subarray(0, end))) {
      for (const event of sequence.events(line, { stream, epoch: place.epoch, record: place.record })) {
        await sink.write(page.write(event));
      }
      place.record++;
    }
    rest = block.subarray(end);
  }
  await sink.write(page.end());
}

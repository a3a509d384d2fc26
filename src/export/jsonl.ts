import type { ExportSource } from './source.ts';

/** First line of an export: whose events follow. */
export interface TrajectoryHead {
  readonly cairn: 'trajectory';
  readonly v: 1;
  readonly harness: string;
  readonly session: string;
  readonly title?: string;
  readonly streams: readonly string[];
}

/** The events as they are, one a line, stream after stream, behind a line that says whose they are. */
export async function* writeJsonl(source: ExportSource): AsyncGenerator<string> {
  const { harness, session, streams, line } = source;
  const title = line?.title;
  const head: TrajectoryHead = {
    cairn: 'trajectory',
    v: 1,
    harness,
    session,
    ...(title !== undefined && { title }),
    streams,
  };
  yield `${JSON.stringify(head)}\n`;
  for (const stream of streams) for await (const event of source.events(stream)) yield `${JSON.stringify(event)}\n`;
}

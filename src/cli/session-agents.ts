import type { App } from '../app.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import { type AgentRun, agentStreams, describeAgent, listAgents } from '../sessions/agents.ts';
import type { SessionListing } from '../sessions/listing.ts';
import { showSession } from '../sessions/show.ts';
import { readTail } from '../sessions/tail.ts';
import { type Masked, maskFacts } from '../trajectory/mask.ts';
import { tailText } from './masked-tail.ts';
import type { Output } from './output.ts';
import { beginningOf, formatBytes, visible, visibleLines } from './text.ts';

/** The sub-agents of these sessions, as a table or one object each. `ids`: of all sessions. */
export async function listSubAgents(
  app: App,
  lines: readonly CatalogLine[],
  ids: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const runs: AgentRun[] = [];
  for await (const run of listAgents(app.store, app.project, lines, (name) => harnessOf(app, name), { signal })) {
    if (output.json) await output.object({ ...run, id: idOf(run) });
    else runs.push(run);
  }
  if (runs.length > 0) {
    await output.table(runs, [
      { title: 'SUB-AGENT', cell: (run) => visible(shortId(run, runs, ids)) },
      { title: 'AGENT', cell: ({ harness }) => harness },
      { title: 'RECORDS', cell: ({ records }) => String(records ?? ''), align: 'right' },
      { title: 'SIZE', cell: ({ bytes }) => (bytes === undefined ? '' : formatBytes(bytes)), align: 'right' },
      { title: 'STATE', cell: ({ state }) => state, optional: true },
      { title: 'ASKED', cell: ({ title }) => visible(title ?? ''), flexible: true },
    ]);
  } else if (!output.json && lines.length > 0) output.note('no session here has sub-agents');
}

interface ShowOptions {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly tail?: number;
  readonly mask: ReadonlySet<Masked>;
}

/** What is known of one sub-agent, and its last records. */
export async function showSubAgent(
  app: App,
  listing: SessionListing,
  wanted: string,
  { output, signal, tail, mask }: ShowOptions,
): Promise<undefined> {
  const [agent, ...segments] = agentStreams(listing, wanted);
  const { address } = listing;
  const details = await showSession(app.store, listing, { signal });
  const streams = details.streams.filter(({ stream }) => stream === agent || segments.includes(stream));
  const harness = harnessOf(app, address.harness);
  const run = maskFacts(await describeAgent(app.store, listing, harness, agent, details.meta, { signal }), mask);
  const epochs = listing.streams.get(agent) ?? [];
  const lines =
    tail === undefined
      ? undefined
      : tailText(
          (await readTail(app.store, { ...address, stream: agent }, epochs, tail, { signal })).lines,
          harness,
          agent,
          mask,
        );
  if (output.json) {
    await output.object({ ...run, id: idOf(run), streams, ...(lines && { tail: lines }) });
    return;
  }
  const rows: [string, string | undefined][] = [
    ['sub-agent', idOf(run)],
    ['of', (mask.has('text') ? undefined : details.meta?.summary.title) ?? `${address.harness}/${address.session}`],
    ['asked', run.title],
    ['model', run.model],
    ['started', run.startedAt],
    ['state', run.state],
    ['stored', run.records === undefined ? undefined : `${run.records} records, ${formatBytes(run.bytes ?? 0)}`],
  ];
  for (const [name, value] of rows)
    if (value !== undefined) await output.line(`${output.style('dim', name.padEnd(12))} ${visible(value)}`);
  if (lines) await output.line();
  for (const line of lines ?? []) await output.line(visibleLines(line));
}

/** The shortest that `show` and `resume` take. */
function shortId({ session, agent }: AgentRun, runs: readonly AgentRun[], ids: readonly string[]): string {
  const short = beginningOf(session, ids);
  if (agent === undefined) return short;
  const others = runs.flatMap((run) => (run.session === session && run.agent !== undefined ? [run.agent] : []));
  return `${short}/${beginningOf(agent, others, 'agent-'.length + 8)}`;
}

/** As `show` and `resume` take it. */
function idOf({ harness, session, agent }: AgentRun): string {
  return agent === undefined ? `${harness}/${session}` : `${harness}/${session}/${agent}`;
}

function harnessOf(app: App, wanted: string) {
  return app.harnesses.find(({ name }) => name === wanted);
}

import type { SessionDetails, StreamDetails } from '../sessions/show.ts';
import { type Masked, maskFacts } from '../trajectory/mask.ts';
import { defineCommand } from './command.ts';
import { maskOption } from './mask-option.ts';
import type { Output } from './output.ts';
import { count, formatBytes, visible, visibleLines } from './text.ts';
import { checkCount } from './values.ts';

export const showCommand = defineCommand({
  usage: 'show <id>',
  describe: 'Show what is known of a session',
  examples: [
    ['cairn session show 49d9aac8', 'title, repository, models, streams, epochs, forks'],
    ['cairn session show 49d9aac8 --tail 3', 'and the last three records'],
    ['cairn session show 49d9aac8/agent-a0c2be45', 'one of its sub-agents'],
  ],
  options: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'Id, unique beginning, or harness/id; behind it /agent-… for a sub-agent',
      })
      .option('mask', maskOption)
      .option('tail', {
        type: 'number',
        describe: 'Also the last N records of the main stream; with --mask their events',
      }),
  async run(args, { output, app: open, signal }) {
    const { splitAgent } = await import('../sessions/agents.ts');
    const { resolveSession } = await import('../sessions/resolve.ts');
    const { showSession } = await import('../sessions/show.ts');
    const { readTail } = await import('../sessions/tail.ts');
    const { mainStream } = await import('../sessions/listing.ts');
    const tail = checkCount('tail', args.tail, 1);
    const mask = new Set(args.mask);
    const app = await open();
    const { session, agent } = splitAgent(args.id);
    const listing = await resolveSession(app.store, app.project, session, { signal });
    if (agent !== undefined) {
      const { showSubAgent } = await import('./session-agents.ts');
      return showSubAgent(app, listing, agent, { output, signal, mask, ...(tail !== undefined && { tail }) });
    }
    const { tailText } = await import('./masked-tail.ts');
    const harnessOf = (wanted: string) => app.harnesses.find(({ name }) => name === wanted);
    const details = masked(await showSession(app.store, listing, { signal }), mask);
    const [stream, epochs] = tail === undefined ? [] : mainStream(listing);
    const lines =
      tail !== undefined && stream !== undefined && epochs
        ? (await readTail(app.store, { ...listing.address, stream }, epochs, tail, { signal })).lines
        : undefined;
    const text = lines && tailText(lines, harnessOf(listing.address.harness), stream ?? 'main', mask);
    if (output.json) await output.object({ ...details, ...(text && { tail: text }) });
    else {
      await describe(details, output);
      if (text) await output.line();
      for (const line of text ?? []) await output.line(visibleLines(line));
    }
    for (const { stream: name, heads, epoch } of details.streams) {
      if (heads.length > 1) output.note(`${name} is forked: epoch ${epoch} is shown, open are ${heads.join(', ')}`);
    }
    return undefined;
  },
});

function masked(details: SessionDetails, mask: ReadonlySet<Masked>): SessionDetails {
  const { meta, ...rest } = details;
  if (!meta) return maskFacts(rest, mask);
  const summary = maskFacts(meta.summary, mask);
  const writer = maskFacts(meta.writer, mask);
  return { ...maskFacts(rest, mask), meta: { ...maskFacts(meta, mask), summary, writer } };
}

async function describe(details: SessionDetails, output: Output): Promise<void> {
  const { meta, streams } = details;
  const { summary } = meta ?? {};
  const records = streams.reduce((sum, stream) => sum + stream.records, 0);
  const agents = streams.filter(({ stream }) => stream.startsWith('agent-')).length;
  const rows: [string, string | undefined][] = [
    ['session', `${details.harness}/${details.session}`],
    ['title', summary?.title],
    ['state', meta?.state],
    ['folder', summary?.cwd],
    ['repository', summary?.repository],
    ['branch', summary?.branch],
    ['models', summary?.models?.join(', ')],
    ['agent', summary?.agentVersion === undefined ? undefined : `${details.harness} ${summary.agentVersion}`],
    ['started', summary?.startedAt],
    ['last record', summary?.endedAt],
    ['turns', summary === undefined ? undefined : String(summary.turns)],
    ['sub-agents', agents > 0 ? String(agents) : undefined],
    ['lineage', summary?.lineage?.map(({ kind, session }) => `${kind} ${session}`).join(', ') || undefined],
    ['user', meta?.user],
    ['hosts', details.hosts.join(', ')],
    ['stored', `${count(records, 'record')} in ${count(details.parts, 'part')}, ${formatBytes(details.stored)}`],
    ['redacted', redactions(streams)],
    ['images', String(streams.reduce((sum, { images = 0 }) => sum + images, 0) || '')],
    ['problems', problems(summary)],
  ];
  for (const [name, value] of rows) {
    if (value !== undefined && value !== '')
      await output.line(`${output.style('dim', name.padEnd(12))} ${visible(value)}`);
  }
  await output.line();
  await output.table(streams, [
    { title: 'STREAM', cell: (s) => s.stream },
    { title: 'RECORDS', cell: (s) => String(s.records), align: 'right' },
    { title: 'SIZE', cell: (s) => formatBytes(s.bytes), align: 'right' },
    { title: 'PARTS', cell: (s) => String(s.epochs.reduce((sum, e) => sum + e.parts, 0)), align: 'right' },
    { title: 'EPOCHS', cell: epochsOf, flexible: true },
    { title: 'STATE', cell: (s) => s.event ?? (s.heads.length > 1 ? 'forked' : 'open') },
  ]);
}

/** `0 closed (truncated), 1 truncated` */
function epochsOf(stream: StreamDetails): string {
  return stream.epochs
    .map(({ epoch, reason, closed, departs, gap }) => {
      const notes = [
        reason,
        departs && `from ${departs.epoch}/${departs.seq}`,
        closed && `closed, goes on in ${closed.next.epoch}`,
        gap && 'parts missing',
      ].filter(Boolean);
      return notes.length > 0 ? `${epoch} (${notes.join(', ')})` : String(epoch);
    })
    .join(' ');
}

function redactions(streams: readonly StreamDetails[]): string | undefined {
  const sum = new Map<string, number>();
  for (const stream of streams) {
    for (const [rule, n] of Object.entries(stream.redactions)) sum.set(rule, (sum.get(rule) ?? 0) + n);
  }
  return [...sum].map(([rule, n]) => `${n} ${rule}`).join(', ') || undefined;
}

function problems(summary: { readonly invalid: number; readonly unknown: number } | undefined): string | undefined {
  if (!summary) return 'no meta.json: `cairn session list --rebuild` makes it again';
  const { invalid, unknown } = summary;
  const parts = [
    invalid > 0 && `${count(invalid, 'line')} that are no JSON`,
    unknown > 0 && `${count(unknown, 'record')} of unknown types`,
  ].filter(Boolean);
  return parts.join(', ') || undefined;
}

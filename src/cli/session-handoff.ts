import type { App } from '../app.ts';
import { defineCommand } from './command.ts';
import type { Output } from './output.ts';
import { visibleLines } from './text.ts';
import { checkCount } from './values.ts';

/** Tokens of a hand-over where none are given. */
export const defaultBudget = 4000;

export const handoffCommand = defineCommand({
  usage: 'handoff <id>',
  describe: 'Write what another agent or a person needs to go on with a session',
  examples: [
    ['cairn session handoff 49d9aac8', 'goal, state, open points, files, commands, as Markdown'],
    ['claude "$(cairn session handoff 49d9aac8 --budget 2000)"', 'as the first prompt of any agent'],
  ],
  epilogue: 'Made from the events of the transcript; no model is asked.',
  options: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'Id, unique beginning, or harness/id; behind it /agent-…',
      })
      .option('budget', { type: 'number', default: defaultBudget, describe: 'At most about so many tokens' }),
  async run(args, { output, app: open, signal }) {
    const budget = checkCount('budget', args.budget, 100) ?? defaultBudget;
    return writeHandoff(await open(), args.id, budget, output, signal);
  },
});

/** Markdown, or with `--json` what it is made from. */
export async function writeHandoff(
  app: App,
  id: string,
  budget: number,
  output: Output,
  signal: AbortSignal,
): Promise<undefined> {
  const { sessionInBucket } = await import('./session-host.ts');
  const { agentStreams, splitAgent } = await import('../sessions/agents.ts');
  const { readClosure } = await import('../resume/source.ts');
  const { transcriptEvents } = await import('../resume/conversation.ts');
  const { handoffText, readHandoff } = await import('../resume/handoff.ts');
  const { session: wanted, agent: part } = splitAgent(id);
  const { listing, harness } = await sessionInBucket(app, wanted, signal);
  const [agent] = part === undefined ? [] : agentStreams(listing, part);
  const closure = await readClosure(app.store, harness, listing, { signal });
  const { session } = listing.address;
  const place = { harness: harness.name, session: agent === undefined ? session : `${session}/${agent}` };
  const events = transcriptEvents(app.store, harness, closure, agent);
  const meta = closure.at(-1)?.meta;
  const handoff = await readHandoff(events, place, meta, harness.unwrapped);
  if (output.strict) await output.object(handoff);
  else await output.write(visibleLines(handoffText(handoff, budget)));
}

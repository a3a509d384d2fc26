import { CairnError } from '../errors.ts';
import type { SessionTree } from '../sessions/tree.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import { defineCommand } from './command.ts';
import { openSession, wantedStreams } from './session-source.ts';
import { count, truncate, visible } from './text.ts';

type Spawn = RecordEvent & { readonly kind: 'subagent_spawn' };

export const treeCommand = defineCommand({
  usage: 'tree <id>',
  describe: 'Show what a session came from, what departs from it, and its sub-agents',
  examples: [['cairn session tree 49d9aac8', 'forks, continuations and sub-agents, over all hosts']],
  epilogue:
    'From what the records say of their origin: claude-code does not say what a session was forked from. Sub-agents are those of the session that was asked for.',
  options: (yargs) =>
    yargs.positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' }),
  async run(args, { output, app: open, signal }) {
    const { readCatalog } = await import('../sessions/catalog.ts');
    const { treeOf } = await import('../sessions/tree.ts');
    const app = await open();
    const source = await openSession(app, args.id, { output, signal });
    const { address, streams } = source.listing;
    const catalog = await readCatalog(app.store, app.project, { signal });
    for (const problem of catalog.problems) output.note(problem);
    const tree = treeOf(catalog.lines, address);
    if (!tree) {
      throw new CairnError('not-found', `expected ${address.session} in a catalog, found it in none`, {
        hint: 'run `cairn session list --rebuild`',
      });
    }
    const spawns = new Map<string, Spawn>();
    for await (const event of source.events({ wants: await wantedStreams(source.listing, undefined) })) {
      if (event.kind === 'subagent_spawn' && !spawns.has(event.agent)) spawns.set(event.agent, event);
    }
    const agents = [...new Set([...spawns.keys(), ...agentStreams(streams.keys())])].map((agent) => {
      const { seq, turn, agentType, description } = spawns.get(agent) ?? {};
      const stream = streams.has(`agent-${agent}`) ? `agent-${agent}` : undefined;
      return { agent, stream, seq, turn, agentType, description };
    });
    if (output.json) {
      await output.object({ ...shape(tree), agents });
      return undefined;
    }
    const width = output.stdout.columns ?? 200;
    const write = (text: string) => output.line(truncate(visible(text), width));
    const draw = async ({ line, relation, at, children }: SessionTree, lead: string, branch: string): Promise<void> => {
      const isWanted = line.session === address.session;
      const facts = [
        relation === 'root' ? undefined : `${relation}${at === undefined ? '' : ` at ${at}`}`,
        count(line.turns, 'turn'),
        line.state,
        line.host,
        line.title,
      ];
      await write(`${branch}${isWanted ? '* ' : ''}${line.session}  ${facts.filter(Boolean).join(' · ')}`);
      const below = isWanted ? agents : [];
      const total = below.length + children.length;
      for (const [i, agent] of below.entries()) {
        await write(`${lead}${i + 1 === total ? '└─ ' : '├─ '}${agentText(agent)}`);
      }
      for (const [i, child] of children.entries()) {
        const isLast = below.length + i + 1 === total;
        await draw(child, `${lead}${isLast ? '   ' : '│  '}`, `${lead}${isLast ? '└─ ' : '├─ '}`);
      }
    };
    await draw(tree, '', '');
    return undefined;
  },
});

interface Agent {
  readonly agent: string;
  readonly stream: string | undefined;
  readonly seq: number | undefined;
  readonly agentType: string | undefined;
  readonly description: string | undefined;
}

function agentText({ agent, stream, seq, agentType, description }: Agent): string {
  const spawned = seq === undefined ? 'no spawn is recorded' : `spawned at ${seq}`;
  const facts = [agentType, description, spawned, stream === undefined && 'no transcript'];
  return `agent ${agent}  ${facts.filter(Boolean).join(' · ')}`;
}

function agentStreams(names: Iterable<string>): string[] {
  return [...names].flatMap((name) =>
    name.startsWith('agent-') ? [name.slice('agent-'.length).replace(/-segment-.*$/, '')] : [],
  );
}

function shape({ line, relation, at, children }: SessionTree): Readonly<Record<string, unknown>> {
  const { harness, session, title, turns, state, host, startedAt, endedAt } = line;
  return {
    harness,
    session,
    relation,
    at,
    title,
    turns,
    state,
    host,
    startedAt,
    endedAt,
    children: children.map(shape),
  };
}

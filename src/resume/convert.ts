import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Obstacle, Resumable } from '../harness/index.ts';
import type { Harness } from '../harness/types.ts';
import { agentStreams } from '../sessions/agents.ts';
import type { SessionListing } from '../sessions/listing.ts';
import { type Losses, readConversation, transcriptEvents } from './conversation.ts';
import { newUuid } from './ids.ts';
import type { ResumeChoices, ResumeHost } from './prepare.ts';
import { obstacleOfProgram } from './program.ts';
import { readClosure } from './source.ts';
import { chooseWorkplace, type Workplace } from './target.ts';

/** A session of one agent as one of another, before it is written. */
export interface PreparedConversion {
  readonly from: { readonly harness: string; readonly session: string };
  readonly harness: string;
  /** The new session's id, and where it goes. */
  readonly session: string;
  readonly path: string;
  readonly records: readonly object[];
  readonly steps: number;
  readonly lost: Losses;
  readonly workplace: Workplace;
  readonly command: readonly string[];
  /** What the command needs set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly obstacles: readonly Obstacle[];
}

/**
 * Makes of a session's conversation a session of another agent. Writes nothing.
 * @throws CairnError `unfit` where one of the agents has no form for that, `nothing-to-do` for an empty one
 */
export async function prepareConversion(
  host: ResumeHost,
  harness: Harness,
  listing: SessionListing,
  target: Harness,
  choices: Pick<ResumeChoices, 'agent' | 'cwd' | 'to' | 'epoch' | 'prompt' | 'arguments' | 'signal'>,
): Promise<PreparedConversion> {
  const { restoring } = target;
  if (!restoring?.compose) {
    throw new CairnError('unfit', `expected an agent whose sessions can be written, got ${target.title}`, {
      hint: '--in PROMPT writes what any agent can read',
    });
  }
  const { signal, prompt, epoch } = choices;
  const [agent] = choices.agent === undefined ? [] : agentStreams(listing, choices.agent);
  const options = { ...(epoch !== undefined && { epoch }), ...(signal && { signal }) };
  const closure = await readClosure(host.store, harness, listing, options);
  const source = closure.at(-1);
  if (!source) throw new Error('a closure holds its session');
  const from = { harness: harness.name, session: source.id };
  const { conversation, lost } = await readConversation(transcriptEvents(host.store, harness, closure, agent), from);
  if (conversation.steps.length === 0) {
    throw new CairnError('nothing-to-do', 'expected a conversation, got a session without one');
  }
  const workplace = await chooseWorkplace(host, choices.cwd, source);
  const session = newUuid(host.runtime);
  const { env } = host;
  const root = choices.to === undefined ? host.root : resolve(host.cwd, choices.to);
  const place = { root, env, cwd: workplace.cwd, from: session, session };
  const composing = { now: new Date(host.runtime.now()).toISOString(), uuid: () => newUuid(host.runtime) };
  const records = [...restoring.compose(conversation, place, composing)];
  const path = join(root, restoring.path('main', records[0], place) ?? '');
  const resumable: Resumable = { ...place, first: records[0], path, ...(prompt !== undefined && { prompt }) };
  return {
    from,
    harness: target.name,
    session,
    path,
    records,
    steps: conversation.steps.length,
    lost,
    workplace,
    environment: choices.to === undefined ? {} : { [restoring.variable]: root },
    command: [...restoring.command(resumable), ...(choices.arguments ?? [])],
    obstacles: [...(await obstacleOfProgram(target, env.PATH)), ...(await restoring.obstacles(resumable))],
  };
}

/** Writes the session whole or not at all, beside what is there. */
export async function writeConversion({ path, records }: PreparedConversion): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.cairn.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await file.sync();
    await link(temporary, path);
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

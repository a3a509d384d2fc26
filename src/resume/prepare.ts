import { resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Obstacle } from '../harness/index.ts';
import type { Harness, SourceKey } from '../harness/types.ts';
import type { ProjectState } from '../mirror/state-folder.ts';
import type { Runtime } from '../runtime.ts';
import { agentStreams } from '../sessions/agents.ts';
import type { SessionListing } from '../sessions/listing.ts';
import type { BucketStore } from '../store/types.ts';
import type { ForkChoice } from './fork.ts';
import { newUuid } from './ids.ts';
import { planRestore, type RestoreContext, type RestorePlan, resumableOf } from './plan.ts';
import { obstacleOfProgram } from './program.ts';
import type { PathMapping } from './rewriting.ts';
import { readClosure } from './source.ts';
import { chooseWorkplace, type Here, recordedCwd, type Workplace } from './target.ts';

/** What of a resume a user can choose. */
export interface ResumeChoices {
  /** Where the agent is to work. */
  readonly cwd?: string;
  /** `FROM=TO`, each a path. */
  readonly map?: readonly string[];
  /** Taken for the agent's folder. */
  readonly to?: string;
  readonly epoch?: number;
  /** Under a new id. */
  readonly fork?: boolean;
  /** The sub-agent that goes on, as a session of its own. */
  readonly agent?: string;
  /** Turns of the fork; default all. */
  readonly at?: number;
  /** Asked without a terminal. */
  readonly prompt?: string;
  /** Handed to the agent behind its own. */
  readonly arguments?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What of the host a resume needs. */
export interface ResumeHost extends Here {
  readonly store: BucketStore;
  readonly runtime: Runtime;
  readonly key: SourceKey;
  /** Absent where the bucket is not this host's: its mirror ships what is put back as any session. */
  readonly state?: ProjectState;
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** All that is known before anything is written. */
export interface PreparedResume {
  readonly context: RestoreContext;
  readonly plan: RestorePlan;
  readonly workplace: Workplace;
  readonly command: readonly string[];
  /** What the command needs set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly obstacles: readonly Obstacle[];
  readonly notes: readonly string[];
}

/**
 * Plans how a session is put back and gone on with. Writes nothing.
 * @throws CairnError `unfit` for an agent that cannot, `usage`, `corrupt`, `not-found`
 */
export async function prepareResume(
  host: ResumeHost,
  harness: Harness,
  listing: SessionListing,
  choices: ResumeChoices,
): Promise<PreparedResume> {
  const { restoring } = harness;
  if (!restoring) {
    throw new CairnError('unfit', `expected an agent that takes sessions back, got ${harness.title}`, {
      hint: '`cairn session handoff` writes what another agent needs to go on',
    });
  }
  const { epoch, signal, prompt } = choices;
  const options = { ...(epoch !== undefined && { epoch }), ...(signal && { signal }) };
  const closure = await readClosure(host.store, harness, listing, options);
  const source = closure.at(-1);
  if (!source) throw new Error('a closure holds its session');
  const workplace = await chooseWorkplace(host, choices.cwd, source);
  const recorded = recordedCwd(source);
  const mappings: PathMapping[] = (choices.map ?? []).map(parseMapping);
  if (recorded !== undefined) mappings.push({ from: recorded, to: workplace.cwd, everywhere: false });
  const root = choices.to === undefined ? host.root : resolve(host.cwd, choices.to);
  const { store, runtime, key, env } = host;
  const context: RestoreContext = {
    ...{ store, runtime, harness, restoring, key, root, env, mappings },
    ...(choices.to === undefined && host.state && { state: host.state }),
    cwd: workplace.cwd,
  };
  const { agent, at } = choices;
  const fork: ForkChoice | undefined =
    choices.fork || agent !== undefined
      ? {
          as: newUuid(runtime),
          ...(at !== undefined && { turns: at }),
          ...(agent !== undefined && { agent: agentStreams(listing, agent) }),
        }
      : undefined;
  // A sub-agent's run is whole in itself.
  const plan = await planRestore(context, agent === undefined ? closure : [source], fork);
  const command = restoring.command({ ...resumableOf(plan.session), ...(prompt !== undefined && { prompt }) });
  return {
    context,
    plan,
    workplace,
    command: [...command, ...(choices.arguments ?? [])],
    environment: choices.to === undefined ? {} : { [restoring.variable]: root },
    obstacles: [...(await obstacleOfProgram(harness, env.PATH)), ...plan.obstacles],
    notes: closure.flatMap(({ streams }) => streams.flatMap(noteForks)),
  };
}

function noteForks({
  address,
  last,
  others,
}: {
  address: { stream: string };
  last: { epoch: number };
  others: readonly number[];
}) {
  if (others.length === 0) return [];
  return [`${address.stream} is forked: epoch ${last.epoch} is taken, open are also ${others.join(', ')} (--epoch)`];
}

/** `FROM=TO`. @throws CairnError `usage` */
export function parseMapping(text: string): PathMapping {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { from: text.slice(0, at), to: text.slice(at + 1), everywhere: true };
  throw new CairnError('usage', `expected FROM=TO for --map, got ${JSON.stringify(text)}`, {
    hint: 'for example --map /home/ann/work=/srv/work',
  });
}

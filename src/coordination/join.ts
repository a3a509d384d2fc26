import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import { localPlace } from '../mirror/local-place.ts';
import type { ProcessTable } from '../mirror/lock.ts';
import { tildeHome } from '../mirror/tilde.ts';
import { redactText } from '../redact/text.ts';
import type { Redactor } from '../redact/types.ts';
import type { Runtime } from '../runtime.ts';
import { slotSpace } from '../store/slots.ts';
import type { BucketStore } from '../store/types.ts';
import { directoryBells, folderBells } from './bells.ts';
import { expiryBy } from './expiry.ts';
import { readFitness } from './fitness.ts';
import { attachedIdentity, commandIdentity, givenIdentity, type Identity } from './identity.ts';
import { agentOf } from './presence.ts';
import { createProject, type Project } from './project.ts';
import { slotCache } from './slot-cache.ts';

/** How one acts in a project. */
export interface ProjectChoices {
  /**
   * `attached`: this process beats by itself until it is closed. `command`: one of many short commands under one
   * name. `beside`: beats by itself, under the name that this host's commands have.
   */
  readonly mode?: 'attached' | 'command' | 'beside' | undefined;
  /** Milliseconds without a heartbeat after which others may take what this process holds. */
  readonly ttlMs?: number | undefined;
  /** The same key registers the same process. */
  readonly idem?: string | undefined;
  /** Told that the process of the last command was declared dead. */
  readonly onReplaced?: ((process: string) => void) | undefined;
  /** Told what was taken out of text that was written. */
  readonly onRedacted?: ((found: Readonly<Record<string, number>>) => void) | undefined;
  /** Called when the project was closed. */
  readonly onClose?: (() => Promise<void>) | undefined;
}

/** What a project is put together from. */
export interface ProjectParts {
  readonly reading: BucketStore;
  readonly store: BucketStore;
  readonly project: string;
  readonly runtime: Runtime;
  readonly agent: string;
  /** Name of this machine. */
  readonly host: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stateFolder: string;
  readonly processes: ProcessTable;
  readonly redactor: Redactor;
}

/** @throws CairnError `unfit`, `denied`, `config` */
export async function assembleProject(parts: ProjectParts, choices: ProjectChoices): Promise<Project> {
  const { store, project, runtime, env, processes } = parts;
  const folder = join(parts.stateFolder, 'agents', localPlace(store.url, project));
  const fitness = await readFitness(parts.reading, project, { runtime, file: join(folder, 'store.json') });
  const verify = env.CAIRN_GC_VERIFY === 'always' || !fitness.clock ? 'always' : 'stale';
  const cache = slotCache(parts.stateFolder, { url: store.url, project, runtime });
  const space = slotSpace({ store, runtime, project, ordered: fitness.ordered, verify, cache });
  const expiry = expiryBy(runtime, {
    trustClock: fitness.clock,
    isGone: async (identity) => identity.boot === processes.self.boot && !(await processes.alive(identity)),
  });
  const session = env.CAIRN_SESSION || undefined;
  const given = choices.mode === 'command' ? env.CAIRN_PROCESS || undefined : undefined;
  const agent = given === undefined ? parts.agent : agentOf(given);
  const common = {
    space,
    expiry,
    self: { agent, host: parts.host, ...processes.self, cwd: tildeHome(parts.cwd), session },
  };
  const { idem, onReplaced, onClose } = choices;
  const ttlMs = choices.ttlMs ?? parseTtl(env.CAIRN_TTL);
  const command = () => commandIdentity(common, { folder, processes, ttlMs: choices.ttlMs, idem, onReplaced });
  const identityOf = (): Identity => {
    if (given !== undefined) return givenIdentity({ agent, process: given, session });
    if (choices.mode === 'command') return command();
    return attachedIdentity(common, { ttlMs, idem, beside: choices.mode === 'beside' ? command() : undefined });
  };
  const identity = identityOf();
  return createProject({
    space,
    agent,
    expiry,
    bells: store.url.startsWith('file:')
      ? directoryBells(store.url, project)
      : folderBells(join(folder, 'bells'), project),
    identity: { ...identity, close: () => identity.close().finally(onClose) },
    redact: (text) => redactedText(parts.redactor, text, choices.onRedacted),
  });
}

function redactedText(redactor: Redactor, text: string, told: ProjectChoices['onRedacted']): string {
  const { block, found } = redactText(redactor, Buffer.from(text));
  if (Object.keys(found).length === 0) return text;
  told?.(found);
  return Buffer.from(block).toString('utf8');
}

function parseTtl(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const seconds = Number(/^(\d+)s?$/.exec(text)?.[1] ?? Number.NaN);
  if (seconds >= 5) return seconds * 1000;
  throw new CairnError('config', `expected CAIRN_TTL as seconds, at least 5, got ${JSON.stringify(text)}`);
}

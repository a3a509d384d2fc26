import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { pathNames, slotPath } from '../store/keys.ts';
import { Register } from '../store/register.ts';
import type { Author, SlotSpace } from '../store/slots.ts';
import type { Expiry } from './expiry.ts';
import { listNewest } from './newest.ts';
import {
  agentOf,
  Heartbeat,
  kill,
  type ProcessRecord,
  parsePresence,
  processName,
  processState,
  ttlOf,
} from './presence.ts';

const agentSchema = v.looseObject({
  /** The process that is this agent; none when it was closed. */
  process: v.optional(v.string()),
  /** Rises with each process. */
  epoch: v.number(),
});

export type Agent = v.InferOutput<typeof agentSchema>;
const parseAgent = (value: unknown): Agent => v.parse(agentSchema, value);

function agentRegister(space: SlotSpace, agent: string): Register<Agent> {
  return new Register(space, slotPath({ folder: 'agents', names: [agent] }), parseAgent);
}

/**
 * Makes a process that acts under a name. One live process has a name at a time; a dead one is replaced, an
 * expired one killed first.
 * @param id random, or the same for the same registration
 * @throws CairnError `name-in-use`, `session-lost`, `unknown`
 */
export async function registerProcess(
  space: SlotSpace,
  expiry: Expiry,
  record: ProcessRecord,
  id: string,
): Promise<Heartbeat> {
  const process = processName(record.agent, record.ttlMs, id);
  const heartbeat = new Heartbeat(space, process, record);
  const by: Author = { agent: record.agent, process, session: record.session };
  await heartbeat.open(id);
  const register = agentRegister(space, record.agent);
  try {
    await register.update(
      async ({ value }) => {
        const holder = value?.process;
        if (holder === process) return undefined;
        if (holder !== undefined && !(await kill(space, expiry, holder, by))) throw inUse(record.agent, holder);
        return { ...value, process, epoch: (value?.epoch ?? 0) + 1 };
      },
      { by, op: 'register' },
    );
  } catch (error) {
    if (error instanceof CairnError && error.code === 'name-in-use') await heartbeat.close();
    throw error;
  }
  return heartbeat;
}

function inUse(agent: string, holder: string): CairnError {
  return new CairnError('name-in-use', `expected ${agent} to be free, but process ${holder} is alive under that name`, {
    hint: 'choose another name (--agent, CAIRN_AGENT), or end that process: `cairn agent close --process … --force`',
    details: { holder },
  });
}

/** Ends a process and gives its name free. */
export async function closeProcess(space: SlotSpace, heartbeat: Heartbeat, by: Author): Promise<void> {
  await heartbeat.close();
  const register = agentRegister(space, by.agent);
  await register.update(
    ({ value }) => (value?.process === heartbeat.process ? { ...value, process: undefined } : undefined),
    { by, op: 'close' },
  );
}

/** One process, as `agent list` shows it. */
export interface AgentView {
  readonly agent: string;
  readonly process: string;
  readonly state: 'alive' | 'expired' | 'dead';
  /** Since its last heartbeat, milliseconds by the store's clock. */
  readonly ageMs: number;
  readonly ttlMs: number;
  readonly host?: string | undefined;
  readonly pid?: number | undefined;
  readonly mode?: 'cli' | 'attached' | undefined;
  readonly cwd?: string | undefined;
  readonly session?: string | undefined;
}

/** Every process that is known, the freshest first; the dead only on request. One LIST, and a GET each. */
export async function listProcesses(
  space: SlotSpace,
  expiry: Expiry,
  options: { readonly dead?: boolean } = {},
): Promise<readonly AgentView[]> {
  const views: AgentView[] = [];
  for await (const { path, newest, slot } of listNewest(space, 'presence', parsePresence)) {
    if (slot === undefined) continue;
    const { value } = slot;
    const ageMs = newest.date - newest.modified;
    if (value.kind === 'dead') {
      const process = pathNames(path)[0];
      if (!options.dead || process === undefined) continue;
      views.push({ agent: agentOf(process), process, state: 'dead', ageMs, ttlMs: ttlOf(process) });
      continue;
    }
    const { process } = slot.by;
    const { agent, host, pid, mode, cwd, session, ttlMs } = value;
    const isOver = expiry.isExpired(process, newest, ttlMs) || (mode === 'attached' && (await expiry.isGone(value)));
    views.push({ agent, process, state: isOver ? 'expired' : 'alive', ageMs, ttlMs, host, pid, mode, cwd, session });
  }
  return views.sort((a, b) => a.ageMs - b.ageMs);
}

/** Ends another's process; a person's decision. @throws CairnError `held` where it lives and nothing is forced */
export async function closeOther(
  space: SlotSpace,
  expiry: Expiry,
  process: string,
  by: Author,
  force: boolean,
): Promise<void> {
  if (await kill(space, expiry, process, by, { force })) return;
  const { state } = await processState(space, expiry, process);
  throw new CairnError('held', `expected process ${process} to be dead or expired, it is ${state}`, {
    hint: 'wait for its time to live, or --force',
    details: { holder: process },
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CairnError,
  field,
  type Obstacle,
  type Restoring,
  type Resumable,
  stringField,
} from '../../src/harness/index.ts';
import { compose } from './composing.ts';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
/** Providers that need no table in the configuration (0.169.0). */
const builtIn: ReadonlySet<string> = new Set(['openai', 'ollama', 'lmstudio', 'amazon-bedrock']);

/**
 * A thread goes to `sessions/`, never to `archived_sessions/`, which the agent refuses to resume from. It is resumed
 * by its id: with `--last` and another provider, 0.169.0 begins a new thread and says nothing.
 */
export const restoring: Restoring = {
  program: 'codex',
  variable: 'CODEX_HOME',
  id: new RegExp(`^${uuid.source}$`, 'i'),
  path(stream, first, { session }) {
    const [, agent, segment] = /^(?:main|(?:agent-([\w-]+?))?-?(?:segment-([\w-]+))?)$/.exec(stream) ?? [];
    if (stream !== 'main' && agent === undefined && segment === undefined) return undefined;
    const stamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(timestampOf(first)) ?? [];
    const [, year = '1970', month = '01', day = '01', hour = '00', minute = '00', second = '00'] = stamp;
    const name = `rollout-${year}-${month}-${day}T${hour}-${minute}-${second}-${agent ?? session}`;
    return `sessions/${year}/${month}/${day}/${name}${segment === undefined ? '' : `_${segment}`}.jsonl`;
  },
  title: (title, { session }, at) => ({
    path: 'session_index.jsonl',
    line: JSON.stringify({ id: session, thread_name: title, updated_at: at }),
  }),
  // Settings, the state of the world and what the model is told of it come before the prompt.
  beforePrompt: (value) =>
    field(value, 'type') === 'event_msg' && field(value, 'payload', 'type') === 'task_started' ? 'first' : 'behind',
  forked(value, { from, agent }) {
    if (field(value, 'type') !== 'session_meta') return value;
    const payload = field(value, 'payload') as object;
    const origin = agent === undefined ? { ...payload, forked_from_id: from } : ofItsOwn(payload, from, agent);
    return { ...(value as object), payload: origin };
  },
  compose: (conversation, target, composing) =>
    compose(conversation, target, composing, providersOf(join(target.root, 'config.toml')).chosen),
  command: ({ session, prompt }) =>
    prompt === undefined ? ['codex', 'resume', session] : ['codex', 'exec', 'resume', session, prompt],
  obstacles,
};

/** A sub-agent's thread as one that a person began: 0.169.0 does not offer others. */
function ofItsOwn(payload: object, session: string, agent: string): object {
  if (field(payload, 'history_base') !== undefined) {
    throw new CairnError('unfit', `expected a sub-agent's thread in one piece, got one that rests on its parent's`, {
      hint: 'resume the session that it belongs to',
    });
  }
  const hidden = ['parent_thread_id', 'agent_nickname', 'agent_role', 'agent_path'];
  const kept = Object.entries(payload).filter(([name]) => !hidden.includes(name));
  const own = { source: 'cli', thread_source: 'user', resumed_from: { session, agent } };
  return { ...Object.fromEntries(kept), ...own };
}

function timestampOf(first: unknown): string {
  return stringField(first, 'payload', 'timestamp') ?? stringField(first, 'timestamp') ?? '';
}

/** A thread stays with its provider: one that is not configured under the same key is refused (0.169.0). */
async function obstacles({ first, root, path, session }: Resumable): Promise<readonly Obstacle[]> {
  if (path.startsWith(join(root, 'archived_sessions', '/'))) {
    return [{ message: 'the thread is archived here', hint: `bring it back with \`codex unarchive ${session}\`` }];
  }
  const wanted = stringField(first, 'payload', 'model_provider');
  if (wanted === undefined) return [];
  const { chosen, known } = providersOf(join(root, 'config.toml'));
  if (!known.has(wanted)) {
    return [
      {
        message: `the session's model provider ${JSON.stringify(wanted)} is not configured here`,
        hint: `add [model_providers.${wanted}] to ${join(root, 'config.toml')}`,
      },
    ];
  }
  if (chosen === wanted) return [];
  const hint = `set model_provider = ${JSON.stringify(wanted)} in ${join(root, 'config.toml')}, or give it with -c`;
  return [{ message: `the session's model provider is ${JSON.stringify(wanted)}, here it is ${chosen}`, hint }];
}

/** Of `config.toml` only what names a provider is looked at. */
function providersOf(path: string): { readonly chosen: string; readonly known: ReadonlySet<string> } {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // No configuration, or none that may be read: the agent's defaults.
  }
  const known = [...text.matchAll(/^\s*\[model_providers\.(?:"([^"]+)"|([\w-]+))/gm)].map(([, a, b]) => a ?? b ?? '');
  const [top = ''] = text.split(/^\s*\[/m);
  const chosen = /^\s*model_provider\s*=\s*["']([^"']+)["']/m.exec(top)?.[1] ?? 'openai';
  return { chosen, known: new Set([...builtIn, ...known]) };
}

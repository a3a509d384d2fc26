import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { field, type Obstacle, type RestoreTarget, type Restoring, stringField } from '../../src/harness/index.ts';
import { compose } from './composing.ts';

/** Longer names of project folders are cut and end in a hash. */
const longestSlug = 200;

/**
 * A session goes to the project folder of the working directory: any would do for `--resume <id>`, but the picker
 * looks there (2.1.329). Long tool results are named by their whole path, which is this host's again.
 */
export const restoring: Restoring = {
  program: 'claude',
  variable: 'CLAUDE_CONFIG_DIR',
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  path(stream, _first, target) {
    if (stream === 'main') return `${sessionFolder(target)}.jsonl`;
    return /^agent-[\w-]+$/.test(stream) ? `${sessionFolder(target)}/subagents/${stream}.jsonl` : undefined;
  },
  sideFile: (name, target) => `${sessionFolder(target)}/${name}`,
  rewrite,
  beforePrompt(value) {
    if (field(value, 'type') !== 'queue-operation') return undefined;
    return field(value, 'operation') === 'enqueue' ? 'first' : 'behind';
  },
  forked(value, { from, agent }) {
    if (agent !== undefined) return ofItsOwn(value, from, agent);
    // The agent's own fork leaves no trace; its SDK's does, in this field.
    const uuid = stringField(value, 'uuid');
    if (uuid === undefined) return value;
    return { ...(value as object), forkedFrom: { sessionId: from, messageUuid: uuid } };
  },
  compose,
  command: ({ session, prompt }) => [
    ...['claude', ...(prompt === undefined ? [] : ['-p'])],
    ...['--resume', session],
    ...(prompt === undefined ? [] : [prompt]),
  ],
  async obstacles({ env, root }): Promise<readonly Obstacle[]> {
    const given = Object.keys(env).some((name) =>
      /^(ANTHROPIC_(API_KEY|AUTH_TOKEN)|CLAUDE_CODE_(OAUTH_TOKEN|USE_\w+))$/.test(name),
    );
    // Whether it is there, never what is in it. On macOS the keychain has it instead.
    if (given || existsSync(join(root, '.credentials.json'))) return [];
    return [{ message: 'no credentials for Claude were seen here', hint: 'log in with `claude /login`', mild: true }];
  },
};

/** A sub-agent's record as one of a session that a person talks to. */
function ofItsOwn(value: unknown, session: string, agent: string): unknown {
  if (field(value, 'agentId') === undefined && field(value, 'isSidechain') === undefined) return value;
  const { agentId: _, ...record } = value as { agentId?: unknown };
  const chained = stringField(value, 'uuid') !== undefined;
  return { ...record, ...(chained && { isSidechain: false, resumedFrom: { session, agent } }) };
}

/** Beside the transcript, wherever it lies; a new one goes where the picker looks. */
function sessionFolder({ session, cwd, env, transcript }: RestoreTarget): string {
  if (transcript !== undefined) return transcript.replace(/\.jsonl$/, '');
  return `projects/${env.CLAUDE_CODE_PROJECT_DIR_NAME || slugOf(cwd)}/${session}`;
}

/** Name of a working directory's project folder; a long one ends in a hash of 32 bits (2.1.329). */
export function slugOf(cwd: string): string {
  const path = cwd.normalize('NFC');
  const slug = path.replace(/[^A-Za-z0-9]/g, '-');
  if (slug.length <= longestSlug) return slug;
  let hash = 0;
  for (let i = 0; i < path.length; i++) hash = ((hash << 5) - hash + path.charCodeAt(i)) | 0;
  return `${slug.slice(0, longestSlug)}-${Math.abs(hash).toString(36)}`;
}

function rewrite(block: Uint8Array, target: RestoreTarget): Uint8Array {
  const text = Buffer.from(block.buffer, block.byteOffset, block.length);
  const inSession = `/${target.session}/`;
  if (!text.includes(inSession)) return block;
  const folder = JSON.stringify(join(target.root, sessionFolder(target), '/')).slice(1, -1);
  const named = new RegExp(`/[^"\\\\\\s]*?/projects/[A-Za-z0-9_.-]+${inSession}(?=tool-results/)`, 'g');
  // Latin 1 keeps every byte, valid text or not.
  const changed = text.toString('latin1').replace(named, () => Buffer.from(folder).toString('latin1'));
  return Buffer.from(changed, 'latin1');
}

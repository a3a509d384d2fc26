import { basename, join } from 'node:path';
import {
  CairnError,
  counted,
  type DiscoverOptions,
  entriesOf,
  type FileRef,
  field,
  fileRef,
  filesBelow,
  fileTailHarness,
  headOf,
  type Lineage,
  parseRecord,
  type RecordView,
  readWhole,
  type SessionSummary,
  Sessions,
  seen,
  sideFileRecord,
  stillFiles,
  stringField,
  titled,
  withLineage,
  withModel,
} from '../src/harness/index.ts';
import { projector } from './claude-code/events.ts';
import { branchOf, endsTurn, isPrompt, kindOf, known, promptOf, unwrapped } from './claude-code/records.ts';
import { restoring } from './claude-code/restoring.ts';

const name = 'claude-code';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const agentFile = /^agent-(.+)\.jsonl$/;

/**
 * Claude Code keeps a session as a tree of files (seen in 2.1.329):
 * `projects/<slug of the working directory>/<session>.jsonl` and a folder `<session>/` beside it with
 * sub-agents, their meta files, long tool results and titles. The slug loses information: a session's
 * folder is told by its records. Credentials (`.credentials.json`, `.claude.json`, `sessions/*.key`)
 * lie outside of what is read.
 */
export const claudeCode = fileTailHarness({
  name,
  title: 'Claude Code',
  seen: ['1.0.98', '2.1.329'],
  roots: ({ env, home }) => [(env.CLAUDE_CONFIG_DIR || join(home, '.claude')).normalize('NFC')],
  watched: (root) => [join(root, 'projects')],
  keepsDays,
  discover,
  summarise,
  restoring,
  projector,
  endsTurn,
  unwrapped,
  lasting,
});

/** Where it keeps an output that is too large or of a sub-agent, and that one's id (2.1.329). */
function lasting(text: string): string {
  return text
    .replace(/^(Output too large .*) Full output saved to: .*$/gm, '$1')
    .replace(/^output_file: .*$/gm, '')
    .replace(/\ba[0-9a-f]{16}\b/g, '');
}

/** `cleanupPeriodDays` of `settings.json`: at start-up older transcripts are deleted; 30 unless set, at least 1 (2.1.329). */
function keepsDays(root: string): number {
  const [settings] = fileRef(join(root, 'settings.json'));
  const days = settings && field(parseRecord(readWhole(settings.path)), 'cleanupPeriodDays');
  return typeof days === 'number' && days >= 1 ? days : 30;
}

async function* discover(root: string, options: DiscoverOptions) {
  const sessions = new Sessions(name);
  const attempt = async (path: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      options.report({ path, cause });
    }
  };
  const projects = join(root, 'projects');
  await attempt(projects, async () => {
    for (const project of entriesOf(projects)) {
      const folder = join(projects, project.name);
      if (!project.isDirectory()) continue;
      await attempt(folder, async () => {
        for (const entry of entriesOf(folder)) {
          const path = join(folder, entry.name);
          if (entry.isFile() && entry.name.endsWith('.jsonl'))
            await attempt(path, () => addTranscript(sessions, path, options));
          // A folder whose transcript is gone is still a session.
          if (entry.isDirectory() && uuid.test(entry.name)) await attempt(path, () => addFolder(sessions, path));
        }
      });
    }
  });
  for (const { id } of options.extras ? [...sessions.refs()] : []) {
    const history = join(root, 'file-history', id);
    await attempt(history, async () => sessions.add(id, 'file-history', filesBelow(history), 'versions'));
  }
  yield* sessions.refs();
}

/** `<session>.jsonl`, or an older agent's `agent-<id>.jsonl`; a file of another name says itself whose it is. */
async function addTranscript(sessions: Sessions, path: string, options: DiscoverOptions): Promise<void> {
  const [file] = fileRef(path);
  const stem = basename(path, '.jsonl');
  let id = uuid.test(stem) ? stem : undefined;
  if (file === undefined || (id === undefined && file.stamp.size === 0)) return;
  let cwd = id && options.cwdOf?.(id);
  for await (const record of cwd === undefined ? headOf(path) : []) {
    id ??= stringField(record, 'sessionId');
    cwd ??= stringField(record, 'cwd');
    if (id !== undefined && cwd !== undefined) break;
  }
  if (id === undefined) throw new CairnError('corrupt', 'Expected a session id in the first 64 KiB, got none');
  const agent = agentFile.exec(basename(path))?.[1];
  sessions.add(id, agent === undefined ? 'main' : `agent-${agent}`, [file]);
  if (agent !== undefined) return;
  const kind = options.kinds ? await kindIn(file) : undefined;
  sessions.describe(id, { ...(cwd !== undefined && { cwd }), ...(kind && { sessionKind: kind }) });
}

const kindIn = stillFiles(async ({ path }) => {
  for await (const record of headOf(path)) {
    const kind = kindOf(record);
    if (kind !== undefined) return kind;
  }
  return undefined;
});

async function addFolder(sessions: Sessions, folder: string): Promise<void> {
  const id = basename(folder);
  const side: FileRef[] = [];
  for (const { name: shown = '', ...file } of filesBelow(folder)) {
    const agent = shown.startsWith('subagents/') && agentFile.exec(basename(shown))?.[1];
    if (agent) sessions.add(id, `agent-${agent}`, [file]);
    else side.push({ ...file, name: shown });
  }
  sessions.add(id, 'files', side, 'versions');
}

function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const { stream, value } = record;
  if (stream === 'file-history') return summary;
  if (stream === 'files') return summariseFile(summary, value);
  const next = counted(summary, record, known.has(field(value, 'type')));
  const model = field(value, 'type') === 'assistant' ? stringField(value, 'message', 'model') : undefined;
  const modelled = model === '<synthetic>' ? next : withModel(next, model);
  return stream === 'main' ? summariseMain(modelled, value) : modelled;
}

function summariseMain(summary: SessionSummary, value: unknown): SessionSummary {
  const origin = summary.lineage?.length ? undefined : originOf(value);
  const linked = origin === undefined ? summary : withLineage(summary, [origin]);
  const next = seen(linked, {
    cwd: summary.cwd ?? stringField(value, 'cwd'),
    branch: branchOf(value),
    agentVersion: stringField(value, 'version'),
  });
  switch (field(value, 'type')) {
    case 'user':
      return isPrompt(value) ? titled({ ...next, turns: next.turns + 1 }, promptOf(value), 'prompt') : next;
    case 'custom-title':
      return titled(next, field(value, 'customTitle'), 'user');
    case 'ai-title':
      return titled(next, field(value, 'aiTitle'), 'agent');
    case 'summary':
      return titled(next, field(value, 'summary'), 'agent');
    default:
      return next;
  }
}

/** A fork by the agent's SDK or by `session fork`, a sub-agent that goes on, or the conversation of another agent. */
function originOf(value: unknown): Lineage | undefined {
  const forked = stringField(value, 'forkedFrom', 'sessionId');
  const at = stringField(value, 'forkedFrom', 'messageUuid');
  if (forked !== undefined) return { kind: 'fork', session: forked, ...(at !== undefined && { at }) };
  const resumed = stringField(value, 'resumedFrom', 'session');
  const agent = stringField(value, 'resumedFrom', 'agent');
  if (resumed !== undefined) return { kind: 'fork', session: resumed, ...(agent !== undefined && { at: agent }) };
  const converted = stringField(value, 'convertedFrom', 'session');
  const harness = stringField(value, 'convertedFrom', 'harness');
  return converted === undefined ? undefined : { kind: 'continues', session: `${harness}/${converted}` };
}

/** `/rename` writes the title beside the transcript (2.1.329). */
function summariseFile(summary: SessionSummary, value: unknown): SessionSummary {
  const file = sideFileRecord(value);
  if (file?.path !== 'custom-title.json' || 'deleted' in file || typeof file.text !== 'string') return summary;
  return titled(summary, field(parseRecord(Buffer.from(file.text)), 'customTitle'), 'user');
}

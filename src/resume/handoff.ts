import type { SessionMeta } from '../mirror/meta.ts';
import type { ContentPart, RecordEvent } from '../trajectory/events.ts';
import type { Json } from '../trajectory/payload.ts';

/** What an agent that never saw a session needs to go on with it, as its events tell. */
export interface Handoff {
  readonly harness: string;
  readonly session: string;
  readonly title?: string;
  readonly cwd?: string;
  readonly repository?: string;
  readonly branch?: string;
  /** Of the last record, ISO 8601. */
  readonly endedAt?: string;
  /** What a person asked, the oldest first: the first is the goal. */
  readonly prompts: readonly string[];
  /** Of the last compaction. */
  readonly summary?: string;
  /** The plan as it stood last. */
  readonly plan: readonly { readonly step: string; readonly status: string }[];
  /** A person's or a policy's answers to calls. */
  readonly decisions: readonly string[];
  readonly files: readonly { readonly path: string; readonly writes: number; readonly reads: number }[];
  readonly commands: readonly { readonly command: string; readonly failed: boolean }[];
  /** What went wrong and was not seen to go right later. */
  readonly failures: readonly string[];
  /** The model's last words. */
  readonly state?: string;
  /** How the last turn ended, where it was not completed. */
  readonly interrupted?: string;
}

const writing = /^(write|edit|multiedit|notebookedit|str_replace\w*|create|apply_patch|patch|write_file|edit_file)$/i;
const pathNames = ['file_path', 'path', 'notebook_path', 'filename'];
const commandNames = ['command', 'cmd', 'script'];

/** Folds the events of a transcript. No model is asked. */
export async function readHandoff(
  events: AsyncIterable<RecordEvent>,
  place: { readonly harness: string; readonly session: string },
  meta: SessionMeta | undefined,
  unwrapped: (summary: string) => string = (summary) => summary,
): Promise<Handoff> {
  const prompts: string[] = [];
  const decisions: string[] = [];
  const files = new Map<string, { writes: number; reads: number }>();
  const commands = new Map<string, { command: string; failed: boolean }>();
  let plan: Handoff['plan'] = [];
  let summary: string | undefined;
  let state: string | undefined;
  let interrupted: string | undefined;
  for await (const event of events) {
    if (event.sidechain) continue;
    if (event.kind === 'message') {
      const text = textOf(event.content);
      if (event.prompt) prompts.push(text);
      if (event.role === 'assistant' && text !== '') state = text;
      if (event.purpose === 'summary' && text !== '') summary = text;
    } else if (event.kind === 'compaction' && typeof event.summary === 'string') summary = event.summary;
    else if (event.kind === 'decision') decisions.push(`${event.decision}${event.reason ? `: ${event.reason}` : ''}`);
    else if (event.kind === 'tool_call') {
      const input = objectOf(event.input);
      plan = planOf(input) ?? plan;
      const command = commandNames.map((name) => commandOf(input[name])).find((text) => text !== undefined);
      if (command !== undefined) commands.set(event.callId, { command, failed: false });
      for (const path of pathsOf(event.tool, input)) {
        const known = files.get(path) ?? { writes: 0, reads: 0 };
        files.set(path, known);
        if (writing.test(event.tool)) known.writes++;
        else known.reads++;
      }
    } else if (event.kind === 'tool_result') {
      const command = commands.get(event.callId);
      if (command) command.failed = event.error === true || (event.exitCode ?? 0) !== 0;
    } else if (event.kind === 'state' && event.name === 'turn') {
      const { status, reason } = objectOf(event.value);
      interrupted = status === 'complete' ? undefined : String(reason ?? status ?? 'interrupted');
    }
  }
  const run = [...commands.values()];
  const lastOf = new Map(run.map(({ command, failed }) => [command, failed]));
  const { title, cwd, repository, branch, endedAt } = meta?.summary ?? {};
  return {
    ...place,
    ...(title !== undefined && { title }),
    ...(cwd !== undefined && { cwd }),
    ...(repository !== undefined && { repository }),
    ...(branch !== undefined && { branch }),
    ...(endedAt !== undefined && { endedAt }),
    prompts,
    ...(summary !== undefined && { summary: unwrapped(summary) }),
    plan,
    decisions,
    files: [...files].map(([path, counts]) => ({ path, ...counts })),
    commands: run,
    failures: [...lastOf].flatMap(([command, failed]) => (failed ? [command] : [])),
    ...(state !== undefined && { state }),
    ...(interrupted !== undefined && { interrupted }),
  };
}

/** A character is about a quarter of a token, in English and in code. */
const charactersAToken = 4;

/**
 * The same as Markdown, in at most `budget` tokens: goal, last request and state stay, of the rest the oldest is left
 * out first and what stays is cut.
 */
export function handoffText(handoff: Handoff, budget: number): string {
  for (let limit = 4000, items = 200; ; limit = Math.max(80, limit >> 1), items >>= 1) {
    const text = render(handoff, limit, items);
    if (text.length <= budget * charactersAToken || items === 0) return text.slice(0, budget * charactersAToken);
  }
}

function render(handoff: Handoff, limit: number, items: number): string {
  const cut = (text: string) => (text.length <= limit ? text : `${text.slice(0, limit).trimEnd()} […]`);
  const list = (all: readonly string[]) => {
    const shown = items === 0 ? [] : all.slice(-items);
    const left = all.length - shown.length;
    return [...(left > 0 ? [`- (${left} earlier left out)`] : []), ...shown.map((text) => `- ${cut(text)}`)].join('\n');
  };
  const { prompts, plan, files, commands, failures, state, summary, interrupted } = handoff;
  const changed = files.filter(({ writes }) => writes > 0);
  const open = plan.filter(({ status }) => !/^(completed|done)$/.test(status));
  const sections: (readonly [string, string | undefined])[] = [
    ['Goal', prompts[0] && cut(prompts[0])],
    ['Last request', prompts.length > 1 ? cut(prompts.at(-1) ?? '') : undefined],
    ['State', state && cut(state)],
    ['Interrupted', interrupted],
    ['Open points', list([...open.map(({ step, status }) => `${step} (${status})`), ...failures.map(failed)])],
    ['Summary of what came before', summary && cut(summary)],
    ['Requests between', list(prompts.slice(1, -1))],
    ['Decisions', list(handoff.decisions)],
    ['Files changed', list(changed.map(({ path, writes }) => `${path} (${writes}×)`))],
    ['Files read', list(files.filter(({ writes }) => writes === 0).map(({ path }) => path))],
    [
      'Commands run',
      list(repeated(commands.map(({ command, failed: bad }) => `\`${oneLine(command)}\`${bad ? ' failed' : ''}`))),
    ],
  ];
  const { harness, session, title, cwd, repository, branch, endedAt } = handoff;
  const where = [repository, branch && `branch ${branch}`, cwd].filter(Boolean).join(', ');
  const head = [
    `# Hand-over: ${title ?? session}`,
    '',
    `Session ${harness}/${session}${where ? ` in ${where}` : ''}${endedAt ? `, as of ${endedAt}` : ''}.`,
  ];
  const body = sections.filter(([, text]) => text).map(([name, text]) => `\n## ${name}\n\n${text}`);
  return `${[...head, ...body].join('\n')}\n`;
}

const failed = (command: string) => `\`${oneLine(command)}\` failed when it was last run`;

/** Each once, where it stands last, with how often it does. */
function repeated(all: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of all) {
    const before = counts.get(text) ?? 0;
    counts.delete(text);
    counts.set(text, before + 1);
  }
  return [...counts].map(([text, n]) => (n === 1 ? text : `${text} (${n}×)`));
}

function oneLine(text: string): string {
  return text.slice(0, 4000).replace(/\s+/g, ' ').trim();
}

function textOf(content: readonly ContentPart[]): string {
  return content
    .flatMap((part) => (part.type === 'text' && typeof part.text === 'string' ? [part.text] : []))
    .join('\n');
}

function objectOf(value: Json): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function commandOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.filter((part) => typeof part === 'string').join(' ') || undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Paths of arguments, and those that a patch names. */
function pathsOf(tool: string, input: Readonly<Record<string, unknown>>): readonly string[] {
  const named = pathNames.flatMap((name) => (typeof input[name] === 'string' ? [String(input[name])] : []));
  const patch = /patch/i.test(tool)
    ? Object.values(input)
        .filter((value) => typeof value === 'string')
        .join('\n')
    : '';
  return [...named, ...[...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, path = '']) => path)];
}

/** `TodoWrite` of claude-code, `update_plan` of codex: the last call has the whole plan. */
function planOf(input: Readonly<Record<string, unknown>>): Handoff['plan'] | undefined {
  const steps = input.todos ?? input.plan;
  if (!Array.isArray(steps)) return undefined;
  return steps.flatMap((entry: { content?: unknown; step?: unknown; status?: unknown } | null) => {
    const step = entry?.content ?? entry?.step;
    return typeof step === 'string' ? [{ step, status: String(entry?.status ?? 'open') }] : [];
  });
}

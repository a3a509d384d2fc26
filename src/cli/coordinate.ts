import type { Argv } from 'yargs';
import type { ProjectChoices } from '../coordination/join.ts';
import type { Project } from '../coordination/project.ts';
import type { TaskView } from '../coordination/task.ts';
import { CairnError } from '../errors.ts';
import type { Context, Globals } from './command.ts';
import type { Output } from './output.ts';
import { visible, visibleLines } from './text.ts';
import { checkCount, parseDuration } from './values.ts';

/** The project as one of many short commands acts in it; tells what was replaced and what was redacted. */
export async function openShared(context: Context, choices: ProjectChoices = {}): Promise<Project> {
  const { joinProject } = await import('../app.ts');
  const { output } = context;
  return joinProject(await context.app(), {
    mode: 'command',
    onReplaced: (process) => output.note(`process ${process} was declared dead; what it held is free for others`),
    onRedacted: (found) => {
      const names = Object.entries(found).map(([rule, n]) => `${n} ${rule}`);
      output.note(`taken out before it was written: ${names.join(', ')}`);
    },
    ...choices,
  });
}

/** Text from an argument, or from standard input where it is `-`. */
export async function readText(context: Context, text: string): Promise<string> {
  if (text !== '-') return text;
  const chunks: Buffer[] = [];
  for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
}

/** A name that goes into keys and onto terminals. @throws CairnError `usage` */
export function checkName(what: string, text: string): string {
  const name = text.normalize('NFC');
  if (name !== '' && name.length <= 200 && /^[^\p{C}]+$/u.test(name)) return name;
  throw new CairnError(
    'usage',
    `expected the name of ${what}: 1 to 200 characters, none that controls, got ${JSON.stringify(text)}`,
  );
}

export function idemOption<T extends Globals>(yargs: Argv<T>) {
  return yargs.option('idem', {
    type: 'string',
    describe: 'Done once, however often it is asked for with the same key',
  });
}

export function limitOption<T extends Globals>(yargs: Argv<T>) {
  return yargs.option('limit', { type: 'number', alias: 'n', describe: 'At most so many' });
}

/** The first of a list, where there is a limit; tells how many there are. @throws CairnError `usage` */
export function firstOf<T>(all: readonly T[], limit: number | undefined, output: Output): readonly T[] {
  const most = checkCount('limit', limit, 1);
  if (most === undefined || all.length <= most) return all;
  output.note(`the first ${most} of ${all.length}`);
  return all.slice(0, most);
}

export function waitOptions<T extends Globals>(yargs: Argv<T>) {
  return yargs
    .option('timeout', { type: 'string', default: '110s', describe: 'Wait at most so long; 0s looks once' })
    .option('poll', { type: 'string', default: '10s', describe: 'Look at least so often' });
}

/** What `poll` takes; `command` is what to type to go on waiting. */
export function waiting(args: { readonly timeout: string; readonly poll: string }, signal: AbortSignal) {
  return { timeoutMs: parseDuration('timeout', args.timeout), pollMs: parseDuration('poll', args.poll), signal };
}

/** A deadline that was reached says how to go on. */
export async function resumable<T>(work: Promise<T>, command: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CairnError && error.code === 'timeout')) throw error;
    throw new CairnError('timeout', error.message, {
      hint: `go on waiting: \`${command}\``,
      details: { resume: command },
    });
  }
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** A task as `--json` shows it: docs/json.md. */
export function taskObject(task: TaskView) {
  const { name, state, epoch, version, title, prio, deps, labels, attempts, artifacts, changed, by } = task;
  const { holder, agent, to, note, next, reason, handoff, maxHoldMs } = task;
  const fixed = {
    name,
    state,
    epoch,
    version,
    title,
    prio,
    deps,
    labels,
    attempts,
    artifacts,
    changedAt: iso(changed),
    by,
  };
  return { ...fixed, holder, agent, to, note, next, reason, handoff, maxHoldMs };
}

/** What another agent wrote, for a terminal: each line marked as quoted, nothing in it obeyed. */
export function quoted(text: string): string {
  return visibleLines(text)
    .split('\n')
    .map((line) => `  | ${line}`)
    .join('\n');
}

/** One line for people about a task. */
export function taskLine(task: TaskView): string {
  const by = task.agent !== undefined && task.state !== 'open' ? ` by ${task.agent}` : '';
  const to = task.state === 'offered' && task.to !== undefined ? ` to ${task.to}` : '';
  return visible(`${task.name} is ${task.state}${by}${to}, epoch ${task.epoch}`);
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CairnError } from '../errors.ts';
import { type HandedIn, handIn, type RunImport, refuseImport } from '../resume/hand-in.ts';
import type { PreparedImport } from '../resume/import.ts';
import { shellLine } from '../resume/program.ts';
import type { Context } from './command.ts';
import type { Output } from './output.ts';
import { holdSession, runAgent } from './resume-run.ts';
import { count, visible } from './text.ts';

interface Asked {
  readonly exec?: boolean | undefined;
  readonly print?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/** Hands a session to its agent's own import, and goes on with it. */
export async function resumeByImport(
  prepared: PreparedImport,
  asked: Asked,
  context: Context,
): Promise<number | undefined> {
  const { output, signal } = context;
  for (const note of prepared.notes) output.note(note);
  if (asked.dryRun) {
    await describe(prepared, output, { files: [], importer: [] }, true);
    refuseImport(prepared);
    return prepared.obstacles.some(({ mild }) => !mild) ? 1 : undefined;
  }
  refuseImport(prepared);
  const lease = await holdSession(context, prepared, prepared.target.from, asked.force ?? false);
  try {
    const handed = await handIn(prepared, runImport);
    if (asked.print) for (const line of commands(prepared, handed)) await output.asText().line(line);
    else await describe(prepared, output, handed, false);
    if (!asked.exec) return undefined;
    const [stop] = prepared.obstacles;
    if (stop) throw new CairnError('unfit', `expected the agent to go on, but ${stop.message}`, { hint: stop.hint });
    return await runAgent(prepared, lease.lost, signal);
  } finally {
    await lease.release();
  }
}

/** An import says much; its last words matter where it fails. */
const runImport: RunImport = async ([program = '', ...rest], { cwd, env }) => {
  try {
    await promisify(execFile)(program, rest, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    const said = stderr.trim().split('\n').at(-1) || message;
    throw new CairnError('run-failed', `expected ${program} to import the session, but it failed: ${visible(said)}`, {
      cause,
      hint: 'nothing of it stays behind; the same command tries again',
    });
  }
};

function commands({ workplace, environment, command }: PreparedImport, { importer }: HandedIn): string[] {
  const lines = importer.length > 0 ? [importer, command] : [command];
  return lines.map((line) => visible(shellLine(workplace.cwd, environment, line)));
}

async function describe(prepared: PreparedImport, output: Output, handed: HandedIn, dry: boolean): Promise<void> {
  const { context, target, standing, records, lost, workplace, environment, command, obstacles } = prepared;
  const { harness, importing } = context;
  const { kind } = standing;
  const imported = kind === 'absent' ? records : kind === 'behind' ? standing.there : 0;
  if (output.json) {
    await output.object({
      ...{ harness: harness.name, session: target.from, as: target.session, cwd: workplace.cwd, why: workplace.why },
      ...{ standing: kind, imported, lost, never: importing.never, files: handed.files, obstacles, environment },
      ...(handed.importer.length > 0 && { import: handed.importer }),
      command,
    });
    return;
  }
  const name = `${harness.name}/${target.session}`;
  const verb = dry ? 'would import' : handed.importer.length > 0 ? 'has to import' : 'imported';
  if (imported > 0) await output.line(visible(`${harness.title} ${verb} ${count(imported, 'record')} of ${name}`));
  else await output.line(visible(`${harness.title} has ${name} as in the bucket already`));
  const left = Object.entries(lost).map(([what, n]) => `${n} ${what}`);
  if (imported > 0) await output.line(`not carried: ${[...left, ...importing.never].join(', ')}`);
  for (const path of handed.importer.length > 0 ? handed.files : []) await output.line(visible(path));
  for (const { message, hint } of obstacles) await output.line(`${output.style('yellow', message)}: ${hint}`);
  await output.line();
  for (const line of commands(prepared, handed)) await output.line(line);
}

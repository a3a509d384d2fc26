import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { PreparedConversion } from '../resume/convert.ts';
import { folderQuestion } from './ask-folder.ts';
import type { Context } from './command.ts';
import type { Output } from './output.ts';
import { count, visible } from './text.ts';
import { checkCount } from './values.ts';

interface Asked {
  readonly id: string;
  readonly cwd?: string | undefined;
  readonly to?: string | undefined;
  readonly epoch?: number | undefined;
  readonly map?: readonly string[] | undefined;
  readonly prompt?: string | undefined;
  readonly exec?: boolean | undefined;
  readonly print?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly rest: readonly string[];
}

/** Makes of a session one of another agent, and goes on with it there. */
export async function resumeIn(app: App, target: string, asked: Asked, context: Context): Promise<number | undefined> {
  const { prepareConversion } = await import('./session-host.ts');
  const { writeConversion } = await import('../resume/convert.ts');
  const { shellLine } = await import('../resume/program.ts');
  const { output, signal } = context;
  if (asked.map?.length) {
    throw new CairnError('usage', 'expected no --map beside --in', {
      hint: 'what was said stays what was said: a conversion changes no text',
    });
  }
  const prepared = await prepareConversion(
    app,
    {
      id: asked.id,
      target,
      signal,
      arguments: asked.rest,
      ...(asked.cwd !== undefined && { cwd: asked.cwd }),
      ...(asked.to !== undefined && { to: asked.to }),
      ...(asked.epoch !== undefined && { epoch: checkCount('epoch', asked.epoch, 0) ?? 0 }),
      ...(asked.prompt !== undefined && { prompt: asked.prompt }),
    },
    folderQuestion(context),
  );
  const { obstacles, workplace, command, environment } = prepared;
  const stop = obstacles.find(({ mild }) => !mild);
  if (!asked.dryRun) {
    if (asked.exec && stop)
      throw new CairnError('unfit', `expected the agent to go on, but ${stop.message}`, { hint: stop.hint });
    await writeConversion(prepared);
  }
  if (asked.print) await output.asText().line(shellLine(workplace.cwd, environment, command));
  else await describe(prepared, output, shellLine(workplace.cwd, environment, command));
  if (asked.dryRun) return stop ? 1 : undefined;
  if (!asked.exec) return undefined;
  const { runAgent } = await import('./resume-run.ts');
  return runAgent(prepared, new AbortController().signal, signal);
}

async function describe(prepared: PreparedConversion, output: Output, line: string): Promise<void> {
  const { from, harness, session, path, steps, lost, obstacles, workplace, environment, command } = prepared;
  if (output.json) {
    await output.object({
      from,
      harness,
      session,
      path,
      steps,
      lost,
      obstacles,
      cwd: workplace.cwd,
      environment,
      command,
    });
    return;
  }
  await output.line(`${count(steps, 'step')} of ${from.harness}/${from.session} as ${harness}/${session}`);
  await output.line(visible(path));
  const left = Object.entries(lost).map(([what, n]) => `${n} ${what}`);
  if (left.length > 0) await output.line(`left behind: ${left.join(', ')}`);
  for (const { message, hint } of obstacles) await output.line(`${output.style('yellow', message)}: ${hint}`);
  await output.line();
  await output.line(visible(line));
}

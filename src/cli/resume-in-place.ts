import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import { shellLine } from '../resume/program.ts';
import { carryOut, refuseDiverged } from '../resume/restore.ts';
import { folderQuestion } from './ask-folder.ts';
import type { Context } from './command.ts';
import { describeResume } from './resume-report.ts';
import { holdSession, runAgent } from './resume-run.ts';
import { prepareResume } from './session-host.ts';
import { checkCount } from './values.ts';

interface Asked {
  readonly id: string;
  /** It comes from a file. */
  readonly saved: boolean;
  readonly cwd?: string | undefined;
  readonly to?: string | undefined;
  readonly prompt?: string | undefined;
  readonly fork?: boolean | undefined;
  readonly epoch?: number | undefined;
  readonly map?: readonly string[] | undefined;
  readonly exec?: boolean | undefined;
  readonly print?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly rest: readonly string[];
}

/** Puts a session back where its own agent looks for it, and goes on with it there. */
export async function resumeInPlace(app: App, asked: Asked, context: Context): Promise<number | undefined> {
  const { output, signal } = context;
  const prepared = await prepareResume(
    app,
    {
      id: asked.id,
      saved: asked.saved,
      signal,
      ...(asked.cwd !== undefined && { cwd: asked.cwd }),
      ...(asked.to !== undefined && { to: asked.to }),
      ...(asked.prompt !== undefined && { prompt: asked.prompt }),
      ...(asked.fork !== undefined && { fork: asked.fork }),
      ...(asked.epoch !== undefined && { epoch: checkCount('epoch', asked.epoch, 0) ?? 0 }),
      map: asked.map ?? [],
      arguments: asked.rest,
    },
    folderQuestion(context),
  );
  if ('standing' in prepared) {
    const { resumeByImport } = await import('./resume-import.ts');
    return resumeByImport(prepared, asked, context);
  }
  const { plan, obstacles, command, environment } = prepared;
  for (const note of prepared.notes) output.note(note);
  if (asked.dryRun) {
    await describeResume(prepared, output);
    refuseDiverged(plan);
    return obstacles.some(({ mild }) => !mild) ? 1 : undefined;
  }
  if (asked.print) for (const { message, hint } of obstacles) output.note(`${message}: ${hint}`);
  refuseDiverged(plan);
  const stop = obstacles.find(({ mild }) => !mild);
  if (asked.exec && stop)
    throw new CairnError('unfit', `expected the agent to go on, but ${stop.message}`, { hint: stop.hint });
  const lease = await holdSession(context, prepared, plan.session.target.from, asked.force ?? false);
  try {
    await carryOut(prepared.context, plan);
    if (asked.print) await output.asText().line(shellLine(prepared.workplace.cwd, environment, command));
    else await describeResume(prepared, output);
    return asked.exec ? await runAgent(prepared, lease.lost, signal) : undefined;
  } finally {
    await lease.release();
  }
}

import type { FileStep } from '../resume/plan.ts';
import type { PreparedResume } from '../resume/prepare.ts';
import { shellLine } from '../resume/program.ts';
import type { Output } from './output.ts';
import { count, formatBytes, visible } from './text.ts';

/** Tells what is written, or would be, and the command that goes on. */
export async function describeResume(prepared: PreparedResume, output: Output): Promise<void> {
  const { plan, workplace, command, environment, obstacles } = prepared;
  const { target } = plan.session;
  const files: readonly FileStep[] = plan.sessions.flatMap((session) => session.files);
  if (output.json) {
    const { harness } = prepared.context;
    await output.object({
      harness: harness.name,
      session: target.from,
      as: target.session,
      cwd: workplace.cwd,
      why: workplace.why,
      files: files.map(({ session, stream, path, name, action, bytes, here, there }) => ({
        ...{ session, stream, path, name, action, bytes, here, there },
      })),
      obstacles,
      environment,
      command,
    });
    return;
  }
  const shown = files.filter(({ action }) => action !== 'same');
  if (shown.length > 0) {
    await output.line(visible(`in ${prepared.context.root}:`));
    await output.table(shown, [
      { title: 'STEP', cell: ({ action }) => action },
      { title: 'SIZE', cell: ({ bytes }) => (bytes === undefined ? '' : formatBytes(bytes)), align: 'right' },
      { title: 'SESSION', cell: ({ session }) => visible(session) },
      { title: 'WHAT', cell: ({ stream, name }) => visible(name ?? stream), flexible: true },
    ]);
  }
  const same = files.length - shown.length;
  if (same > 0) await output.line(`${count(same, 'file')} as in the bucket already`);
  for (const { message, hint } of obstacles) await output.line(`${output.style('yellow', message)}: ${hint}`);
  await output.line();
  await output.line(visible(shellLine(workplace.cwd, environment, command)));
}

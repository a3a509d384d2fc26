import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../table.ts';
import { claude } from './agents/claude.ts';
import { codex } from './agents/codex.ts';
import { openclaw } from './agents/openclaw.ts';
import { type Exercise, exercise } from './exercise.ts';
import { makePlace } from './place.ts';
import { record } from './record.ts';

const { values: options } = parseArgs({
  options: {
    /** Only this agent. */
    agent: { type: 'string' },
    /** Keep homes and bucket in this folder. */
    keep: { type: 'string' },
    /** Only record the agents, below `--keep`: to look at what they write. */
    'record-only': { type: 'boolean', default: false },
  },
});

const agents = [claude, codex, openclaw].filter(
  ({ harness }) => options.agent === undefined || options.agent === harness,
);
const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'cairn-e2e-')));
try {
  const exercises: Exercise[] = [];
  for (const agent of agents) {
    const place = await makePlace(join(folder, agent.harness));
    if (options['record-only']) console.log(await record(agent, place));
    else exercises.push(await exercise(agent, place));
  }
  if (exercises.length > 0) await report(exercises);
} finally {
  if (options.keep === undefined) await rm(folder, { recursive: true });
}

/** Prints what was held against what, and says by the exit code whether all was equal. */
async function report(exercises: readonly Exercise[]): Promise<void> {
  const rows = exercises.flatMap(({ agent, comparisons }) =>
    comparisons.map(({ session, stream, file, bytes, difference }) => [
      ...[agent, session, file ?? stream, bytes],
      difference ? 'differs' : 'equal',
    ]),
  );
  console.log(table(['agent', 'session', 'stream or file', 'bytes', 'bucket'], rows));
  const problems = exercises.flatMap(({ agent, mirror, sessions, comparisons }) => [
    ...mirror.failures.map((failure) => `${agent}: mirror run failed: ${failure}`),
    ...(mirror.liveParts === 0 ? [`${agent}: expected parts in the bucket while the agent ran, got none`] : []),
    ...sessions.filter(({ listed }) => !listed).map(({ session }) => `${agent}: ${session} is not listed`),
    ...sessions
      .filter(({ stopped, verified }) => stopped !== 0 || verified !== 0)
      .map(({ session, stopped, verified }) => `${agent}: ${session}: stop: exit ${stopped}, verify: exit ${verified}`),
    ...comparisons
      .filter(({ difference }) => difference)
      .map(({ session, difference }) => `${agent}: ${session}: ${difference}`),
  ]);
  for (const { agent, version, steps, mirror, sessions } of exercises) {
    const counts = `${steps.length} steps, ${sessions.length} sessions, mirrored ${mirror.runs} times meanwhile`;
    console.log(`${agent} ${version}: ${counts}, ${mirror.liveParts} parts in the bucket while the agent ran`);
  }
  await mkdir('build', { recursive: true });
  await writeFile('build/e2e-agents.json', `${JSON.stringify({ problems, exercises }, undefined, 2)}\n`);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 && rows.length > 0 ? 0 : 1;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../table.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { type RunAgain, runAgain } from './again.ts';

const { values: options } = parseArgs({
  options: {
    /** Only this agent. */
    agent: { type: 'string' },
    /** Keep homes and bucket in this folder. */
    keep: { type: 'string' },
  },
});

const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'cairn-e2e-')));
const runs: RunAgain[] = [];
try {
  for (const agent of [claude, codex]) {
    if (options.agent !== undefined && options.agent !== agent.harness) continue;
    runs.push(await runAgain(agent, join(folder, agent.harness)));
  }
} finally {
  if (options.keep === undefined) await rm(folder, { recursive: true });
}
const rows = runs.map((run) => [run.agent, run.version, run.answers, run.steps, run.subagents, run.problem ?? 'equal']);
console.log(table(['agent', 'version', 'answers served', 'steps', 'sub-agents', 'second run'], rows));
for (const { difference } of runs) if (difference !== undefined) console.error(difference);
process.exitCode = runs.length > 0 && runs.every(({ problem }) => problem === undefined) ? 0 : 1;

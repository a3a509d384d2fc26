import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../table.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { type Check, resumeElsewhere } from './hosts.ts';

const { values: options } = parseArgs({
  options: {
    /** Only this agent. */
    agent: { type: 'string' },
    /** Keep homes and bucket in this folder. */
    keep: { type: 'string' },
    /** Instead of a folder: an S3 bucket, with credentials and endpoint in AWS_ variables. */
    bucket: { type: 'string' },
  },
});

const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'cairn-e2e-')));
const checks: (Check & { readonly agent: string; readonly version: string })[] = [];
try {
  for (const agent of [claude, codex]) {
    if (options.agent !== undefined && options.agent !== agent.harness) continue;
    const { version } = agent.package;
    for await (const check of resumeElsewhere(
      agent,
      agent === claude ? codex : claude,
      join(folder, agent.harness),
      options.bucket,
    )) {
      checks.push({ agent: agent.harness, version, ...check });
    }
  }
} catch (error) {
  checks.push({ agent: '', version: '', what: 'came to its end', problem: String(error) });
} finally {
  if (options.keep === undefined) await rm(folder, { recursive: true });
}
console.log(
  table(
    ['agent', 'version', 'what', 'seen'],
    checks.map((c) => [c.agent, c.version, c.what, c.problem ?? 'yes']),
  ),
);
await mkdir('build', { recursive: true });
await writeFile('build/e2e-resume.json', `${JSON.stringify(checks, undefined, 2)}\n`);
process.exitCode = checks.length > 0 && checks.every(({ problem }) => problem === undefined) ? 0 : 1;

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../table.ts';
import { claude } from '../agents/claude.ts';
import { codex } from '../agents/codex.ts';
import { openclaw } from '../agents/openclaw.ts';
import type { Check } from './computer.ts';
import { edgesElsewhere } from './edges.ts';
import { resumeElsewhere } from './hosts.ts';
import { importElsewhere } from './imported.ts';

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
  const { bucket } = options;
  const project = (name: string) => (bucket === undefined ? undefined : `${bucket.replace(/(\?|$)/, `/${name}$1`)}`);
  for (const agent of [claude, codex, openclaw]) {
    if (options.agent !== undefined && options.agent !== agent.harness) continue;
    const { harness } = agent;
    const at = (name: string) => [join(folder, `${harness}-${name}`), project(`${harness}-${name}`)] as const;
    const other = agent === claude ? codex : claude;
    const runs =
      agent === openclaw
        ? [importElsewhere(agent, ...at('import'))]
        : [resumeElsewhere(agent, other, ...at('hosts')), edgesElsewhere(agent, ...at('edges'))];
    for (const run of runs)
      for await (const check of run) {
        checks.push({ agent: harness, version: agent.package.version, ...check });
        console.error(`${harness}: ${check.what}: ${check.problem ?? 'yes'}`);
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

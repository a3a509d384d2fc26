import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../../child.ts';
import { table } from '../../table.ts';
import { claude } from '../agents/claude.ts';
import { install, installed } from '../agents/install.ts';
import { Cairn, succeeded } from '../cairn.ts';
import { startModel } from '../model/server.ts';
import { baseEnvironment, makePlace } from '../place.ts';
import type { Answer, Order } from './agent.ts';

const { values: options } = parseArgs({
  options: {
    /** Instead of a folder: an S3 bucket, with credentials and endpoint in AWS_ variables. */
    bucket: { type: 'string' },
  },
});

/** The SDK runs `claude`, as it is installed for the other exercises. */
const sdk = { name: '@anthropic-ai/claude-agent-sdk', version: '0.3.332', bin: 'claude-agent-sdk' };
const module = join(await installed(sdk), 'sdk.mjs');
const [program = ''] = await install(claude.package);
const folder = await mkdtemp(join(tmpdir(), 'cairn-e2e-'));
const bucket = options.bucket ?? pathToFileURL(join(folder, 'bucket')).href;
const checks: { what: string; problem?: string }[] = [];
const check = (what: string, holds: boolean, seen: unknown) =>
  checks.push({ what, ...(!holds && { problem: JSON.stringify(seen) }) });

// The SDK names a project by its folder: one that all hosts have at one place, as containers do.
const a = await makePlace(join(folder, 'a'));
const scenario = claude.scenario(a.project);
const model = await startModel(scenario);

async function sdkOn(name: string, order: Partial<Order>): Promise<Answer & { asked: string }> {
  const { home } = await makePlace(join(folder, name));
  const before = model.requests.length;
  const whole: Order = { sdk: module, claude: program, bucket, cwd: a.project, ...order };
  const aws = Object.fromEntries(Object.entries(process.env).filter(([key]) => key.startsWith('AWS_')));
  const env = { ...baseEnvironment(home), ...claude.environment(home, model.url), ...aws };
  const args = [process.execPath, join(import.meta.dirname, 'agent.js'), JSON.stringify(whole)];
  const printed = await succeeded(run(args, { cwd: a.project, env }));
  return { ...(JSON.parse(printed.toString()) as Answer), asked: JSON.stringify(model.requests.slice(before)) };
}

try {
  const first = await sdkOn('a', { prompt: 'CUE-TOOLS: use the tools' });
  const session = first.session ?? '';
  check('A writes to the bucket', first.problems.length === 0 && first.messages > 3, first.problems);
  check('A lists its session', first.listed.includes(session), first.listed);
  const second = await sdkOn('b', { prompt: 'CUE-AGAIN: a question', resume: session });
  check(
    'B, with an empty home, resumes with the turns of A',
    second.asked.includes('CUE-TOOLS'),
    second.asked.slice(0, 500),
  );
  check('B adds to the same session', second.session === session && second.messages > first.messages, second.session);
  const again = await sdkOn('a', { prompt: 'CUE-AFTER: go on', resume: session });
  check('A resumes with the turns of B', again.asked.includes('CUE-AGAIN'), again.asked.slice(0, 500));

  const place = await makePlace(join(folder, 'c'));
  const cairn = new Cairn(claude, place, { bucket, modelUrl: model.url, path: join(program, '..') });
  const lines = (await succeeded(cairn.cat(session, 'main'))).toString().trimEnd().split('\n');
  const uuids = lines.flatMap((line) => (JSON.parse(line) as { uuid?: string }).uuid ?? []);
  check('no entry stands there twice', new Set(uuids).size === uuids.length && uuids.length > 5, uuids.length);
  const { exit } = await cairn.verify(session);
  check('verified', exit === 0, exit);
  const shown = (await succeeded(cairn.show(session))).toString();
  check('the sub-agent is a stream of it', /"stream":"agent-/.test(shown), shown.slice(0, 500));
  const before = model.requests.length;
  const flags = ['--permission-mode', 'bypassPermissions', '--output-format', 'json'];
  const native = await cairn.resume(session, 'CUE-FORK: otherwise', '--', ...flags);
  const asked = JSON.stringify(model.requests.slice(before));
  check(
    'C goes on with it in claude itself',
    native.exit === 0 && asked.includes('CUE-AFTER'),
    native.stderr.slice(-500),
  );
  const gone = await sdkOn('b', { delete: session });
  check('deleted by the SDK, it is gone', gone.listed.length === 0, gone.listed);
} finally {
  await model.close();
  await rm(folder, { recursive: true });
}
process.stdout.write(
  `${table(
    ['what', 'seen'],
    checks.map(({ what, problem }) => [what, problem ?? 'yes']),
  )}\n`,
);
await mkdir('build', { recursive: true });
await writeFile(
  'build/e2e-sdk.json',
  `${JSON.stringify({ ...sdk, claude: claude.package.version, checks }, undefined, 2)}\n`,
);
process.exitCode = checks.length > 0 && checks.every(({ problem }) => problem === undefined) ? 0 : 1;

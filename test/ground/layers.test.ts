import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
const root = new URL('../../', import.meta.url).pathname;

const layer = 'lint/style/noRestrictedImports';
const plugin = 'plugin';

/** Path, what stands in it, and the rule that refuses it; `undefined`: it is allowed. */
const cases: readonly [path: string, source: string, rule: string | undefined][] = [
  ['src/errors.ts', "export * from './runtime.ts';", layer],
  ['src/store/keys.ts', "export * from '../errors.ts';", undefined],
  ['src/store/types.ts', "export * from '../harness/types.ts';", layer],
  ['src/store/lazy.ts', "export const lazy = () => import('../mirror/loop.ts');", layer],
  ['src/store/typed.ts', "import type { X } from '../cli/main.ts';\nexport type Y = X;", layer],
  ['src/sqlite/reader.ts', "export * from '../redact/rules.ts';", layer],
  ['src/config/config.ts', "export * from '../app.ts';", layer],
  ['src/harness/tail.ts', "export * from '../store/types.ts';", undefined],
  ['src/harness/index.ts', "export * from '../mirror/part.ts';", layer],
  ['src/redact/rules.ts', "export * from '../sessions/list.ts';", layer],
  ['src/trajectory/events.ts', "export * from '../../harnesses/codex.ts';", layer],
  ['src/search/update.ts', "export * from '../app.ts';", layer],
  ['src/trajectory/sequence.ts', "export * from '../search/query.ts';", layer],
  ['src/mirror/part.ts', "export * from '../redact/types.ts';", undefined],
  ['src/mirror/loop.ts', "export * from '../app.ts';", layer],
  ['src/sessions/list.ts', "export * from '../cli/main.ts';", layer],
  ['src/resume/plan.ts', "export * from '../app.ts';", layer],
  ['src/session-store/log.ts', "export * from '../app.ts';", layer],
  ['src/search/lazy.ts', "export const lazy = () => import('../app-search.ts');", layer],
  ['src/mirror/thread.ts', "export * from '../preparers.ts';", layer],
  ['src/app-search.ts', "export * from './cli/main.ts';", layer],
  ['src/coordination/tasks.ts', "export * from '../mcp/server.ts';", layer],
  ['src/export/html.ts', "export * from '../viewer/server.ts';", layer],
  ['src/install/hooks.ts', "export * from '../capture/proxy.ts';", layer],
  ['src/app.ts', "export * from '../harnesses/index.ts';", undefined],
  ['src/index.ts', "export * from '../harnesses/index.ts';", layer],
  ['src/cli/main.ts', "export * from '../../harnesses/index.ts';", layer],
  ['src/mcp/server.ts', "export * from '../../harnesses/index.ts';", layer],
  ['src/viewer/server.ts', "export * from '../../harnesses/index.ts';", layer],
  ['src/capture/proxy.ts', "export * from '../../harnesses/index.ts';", layer],
  ['harnesses/codex.ts', "export * from '../src/harness/index.ts';", undefined],
  ['harnesses/hermes.ts', "export * from '../src/store/types.ts';", layer],
  ['harnesses/openclaw.ts', "export * from '../src/errors.ts';", layer],
  ['src/store/s3.ts', "export * from '@aws-sdk/client-s3';", undefined],
  ['src/store/other.ts', "export * from '@aws-sdk/client-s3';", plugin],
  ['src/cli/aws.ts', "export const lazy = () => import('@aws-sdk/client-s3');", plugin],
  ['src/mirror/now.ts', 'export const now = Date.now();', plugin],
  ['src/mirror/date.ts', 'export const now = new Date();', plugin],
  ['src/mirror/dated.ts', 'export const past = new Date(0);', undefined],
  ['src/mirror/performance.ts', 'export const now = performance.now();', plugin],
  ['src/store/random.ts', 'export const chance = Math.random;', plugin],
  ['src/redact/env.ts', 'export const home = process.env.HOME;', plugin],
  ['src/harness/env.ts', 'const { env, pid } = process;\nexport { env, pid };', plugin],
  ['src/harness/process.ts', "import { env } from 'node:process';\nexport { env };", layer],
  ['src/sessions/exit.ts', 'export const end = () => process.exit(1);', plugin],
  ['harnesses/capture.ts', 'export const now = Date.now();', plugin],
  ['src/cli/exit.ts', 'export const end = () => process.exit(process.env.X ? Date.now() : 0);', undefined],
  ['src/sessions/print.ts', "console.log('x');\nexport {};", 'lint/suspicious/noConsole'],
  ['src/cli/print.ts', "console.error('x');\nexport {};", 'lint/suspicious/noConsole'],
  ['src/mirror/a.ts', "import { b } from './b.ts';\nexport const a = () => b;", 'lint/suspicious/noImportCycles'],
  ['src/mirror/b.ts', "import { a } from './a.ts';\nexport const b = () => a;", 'lint/suspicious/noImportCycles'],
];

const project = await mkdtemp(join(tmpdir(), 'cairn-layers-'));
afterAll(() => rm(project, { recursive: true }));

await cp(join(root, 'biome.json'), join(project, 'biome.json'));
await cp(join(root, 'lint'), join(project, 'lint'), { recursive: true });
for (const [path, source] of cases) {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), `${source}\n`);
}
const refused = await lint(project);

test.each(cases)('%s: %s', (path, _source, rule) => {
  expect(refused.get(path)).toBe(rule);
});

test('every folder of src belongs to a layer', async () => {
  const known = new Set(cases.map(([path]) => /^src\/([^/]+)\//.exec(path)?.[1]));
  const entries = await readdir(join(root, 'src'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(folders.filter((name) => !known.has(name))).toEqual([]);
});

/** The rule that refuses each file, by path. */
async function lint(folder: string): Promise<Map<string, string>> {
  const report = await new Promise<string>((resolve) => {
    const command = [biome, 'lint', '--reporter=json', '--max-diagnostics=none'];
    execFile(process.execPath, command, { cwd: folder }, (_failed, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(report) as { diagnostics: { category: string; location: { path: string } }[] };
  return new Map(diagnostics.map(({ category, location }) => [location.path, category]));
}

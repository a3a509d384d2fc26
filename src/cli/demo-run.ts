import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, openApp, openConfig, prepareMirror, sessionsOnHost, thisHost } from '../app.ts';
import { embeddedBucket, userFolders } from '../config/folders.ts';
import { mirrorOnce } from '../mirror/mirror.ts';
import { readCatalog } from '../sessions/catalog.ts';
import { selectLines, touchedAt } from '../sessions/list.ts';
import { writeSampleHome } from './demo-sample.ts';
import { reportMirror, summarise } from './mirror-report.ts';
import type { Output } from './output.ts';
import { formatAge, formatBytes, visible } from './text.ts';

const NEWEST = 10;

/** Mirrors into the bucket that is there without any set-up, whatever is configured: nothing leaves the host. */
export async function runDemo(output: Output, project: string | undefined, signal: AbortSignal): Promise<undefined> {
  const host = thisHost();
  const bucket = embeddedBucket(userFolders(host.env, host.home, host.machine));
  const app = await openApp({ bucket, project }, host);
  let sample: string | undefined;
  try {
    let source = app;
    if (await hasNoSessions(app)) {
      sample = await mkdtemp(join(tmpdir(), 'cairn-sample-'));
      await writeSampleHome(sample);
      source = { ...app, environment: { ...app.environment, env: {}, home: sample } };
      output.note('no sessions of coding agents on this host: a small sample is mirrored instead');
    }
    const run = await prepareMirror(source, { all: true, latest: NEWEST, signal });
    const totals = await reportMirror(mirrorOnce(run), output, app);
    if (output.json) return undefined;
    const { lines } = await readCatalog(app.store, app.project, { signal });
    const newest = selectLines(lines, { limit: NEWEST });
    await output.table(newest, [
      { title: 'SESSION', cell: (line) => line.session },
      { title: 'AGENT', cell: (line) => line.harness },
      { title: 'AGE', cell: (line) => formatAge(app.runtime.now() - touchedAt(line)), align: 'right' },
      { title: 'RECORDS', cell: (line) => String(line.records), align: 'right' },
      { title: 'SIZE', cell: (line) => formatBytes(line.bytes), align: 'right' },
      { title: 'TITLE', cell: (line) => line.title ?? '', flexible: true },
    ]);
    await output.line();
    await output.line(summarise(totals));
    await output.line(`they lie in ${visible(fileURLToPath(bucket))}`);
    const command = programName();
    const configured = (await openConfig({}, host)).values;
    const options = [
      ...(configured.bucket === bucket ? [] : ['--bucket', bucket]),
      ...(configured.project === app.project ? [] : ['--project', app.project]),
    ];
    await output.line();
    await output.line('read them back:');
    await output.line(visible([' ', command, 'session', 'list', ...options].join(' ')));
    const [first] = newest;
    if (first) await output.line(visible([' ', command, 'session', 'cat', first.session, ...options].join(' ')));
    return undefined;
  } finally {
    await app.close();
    if (sample !== undefined) await rm(sample, { recursive: true, force: true });
  }
}

async function hasNoSessions(app: App): Promise<boolean> {
  const all = await Promise.all(app.harnesses.map((harness) => sessionsOnHost(app, harness)));
  return all.every(({ found }) => found.length === 0);
}

/** How this program is called: installed, or from a checkout. */
function programName(): string {
  const [, script = ''] = process.argv;
  return script.endsWith('main.js') ? `node ${relative(process.cwd(), script)}` : 'cairn';
}

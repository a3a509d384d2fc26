import { join } from 'node:path';
import { openApp } from '../../../src/app.ts';
import { writeCorpus } from '../corpus.ts';
import { measure } from '../measure.ts';
import { mib, withUser } from './user.ts';

/** Mirrors many sessions into a folder and counts all of them; beside it, what reading and inflating them alone takes. */
export function countAll(sessions: number, sessionBytes: number): Promise<string> {
  return withUser(async ({ home, bucket, host, run }) => {
    const corpus = await writeCorpus({ name: 'read', sessions, sessionBytes, seed: 1 }, join(home, '.claude'));
    await run('session', 'mirror', '--all', '--no-redact', '--quiet');
    const rows: string[] = [];
    for (const by of [[], ['--by', 'model'], ['--by', 'day']]) {
      const { seconds, peakRss, stdout } = await run('session', 'stats', '--json', ...by);
      const { requests } = JSON.parse(stdout.split('\n')[0] ?? '{}') as { requests?: number };
      rows.push(
        `  stats ${by.join(' ') || 'of all'}: ${seconds.toFixed(1)} s, peak RSS ${mib(peakRss)}, ${requests ?? '?'} requests to models`,
      );
    }
    const inflate = ['sh', '-c', `find bucket -name 'part-*.gz' -print0 | xargs -0 zcat | wc -c`];
    const { seconds } = await measure(inflate, { cwd: home, env: process.env });
    rows.push(`  find, zcat and wc of the same parts: ${seconds.toFixed(1)} s`);
    const app = await openApp({ bucket }, host);
    const { countSessions } = await import('../../../src/sessions/statistics.ts');
    const { readCatalog } = await import('../../../src/sessions/catalog.ts');
    const { lines } = await readCatalog(app.store, app.project);
    const before = app.traffic();
    const sample = lines.slice(0, 100);
    await countSessions(app.store, sample, {
      project: app.project,
      prices: {},
      harness: (name) => app.harnesses.find((harness) => harness.name === name),
      onProblem: (_, cause) => {
        throw cause;
      },
    });
    const after = app.traffic();
    const of = (kind: 'get' | 'list') => (after[kind].requests - before[kind].requests) / sample.length;
    await app.close();
    return [
      `${lines.length} sessions, ${mib(corpus.bytes)}: ${of('list')} LIST and ${of('get')} GET a session`,
      ...rows,
    ].join('\n');
  });
}

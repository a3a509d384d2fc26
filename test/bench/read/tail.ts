import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openApp } from '../../../src/app.ts';
import { readEvents } from '../../../src/sessions/events.ts';
import { resolveSession } from '../../../src/sessions/resolve.ts';
import { transcript } from './parse.ts';
import { mib as inMib, withUser } from './user.ts';

const blockMib = 32;

/** Mirrors a session of so many MiB into a folder, and reads its end and its events from there. */
export function showTail(mib: number): Promise<string> {
  return withUser(async ({ home, bucket, host, run }) => {
    const id = '00000000-0000-4000-8000-000000000001';
    const file = join(home, '.claude/projects/p', `${id}.jsonl`);
    await mkdir(dirname(file), { recursive: true });
    const block = transcript(Math.min(mib, blockMib) << 20);
    for (let written = 0; written < mib; written += blockMib) await appendFile(file, block);
    await run('session', 'mirror', '--all', '--no-redact', '--quiet');
    const shown = await run('session', 'show', id, '--tail', '10', '--json');
    const counted = await run('session', 'stats', id, '--json');
    const app = await openApp({ bucket }, host);
    const listing = await resolveSession(app.store, app.project, id);
    const [[stream, epochs] = []] = listing.streams;
    if (stream === undefined || epochs === undefined) throw new Error('nothing was mirrored');
    const before = app.traffic().get;
    const { readTail } = await import('../../../src/sessions/tail.ts');
    const { lines } = await readTail(app.store, { ...listing.address, stream }, epochs, 10);
    const gets = app.traffic().get.requests - before.requests;
    const start = process.cpuUsage();
    let events = 0;
    const harness = app.harnesses.find(({ name }) => name === 'claude-code');
    for await (const _ of readEvents(app.store, listing, harness)) events++;
    const { user, system } = process.cpuUsage(start);
    await app.close();
    return [
      `a session of ${mib} MiB in ${epochs[0]?.seqs.length ?? 0} parts:`,
      `  its last ${lines.length} records: ${gets} GETs; session show --tail 10: ${shown.seconds.toFixed(2)} s, peak RSS ${inMib(shown.peakRss)}`,
      `  ${events} events from the bucket: ${((mib * 1.048576) / ((user + system) / 1e6)).toFixed(0)} MB/s of processor time`,
      `  session stats of it: ${counted.seconds.toFixed(1)} s, peak RSS ${inMib(counted.peakRss)}`,
    ].join('\n');
  });
}

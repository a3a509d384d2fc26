import { setMaxListeners } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followSession, openApp, systemRuntime, thisHost } from '../../../src/index.ts';
import { Random } from '../random.ts';
import type { Rgw } from '../rgw.ts';
import { startMirror } from './mirror.ts';

/** Where an append was on its way to a reader, milliseconds. */
export interface Latency {
  /** From the append to the record in the reader's hands. */
  readonly whole: number;
  /** Until the mirror had made the part: heard of it, waited for the interval, read and redacted it. */
  readonly mirror: number;
  /** Until the mirror told that the server has it. */
  readonly server: number;
  /** Until the follower had it: negative where it was faster than the mirror's word. */
  readonly follower: number;
}

export interface LatencyFigures {
  readonly interval: string;
  /** Of each append, milliseconds. */
  readonly latency: readonly Latency[];
  /** Of the mirror: seconds of CPU for each second. */
  readonly cores: number;
  readonly peakRss: number;
  /** Of the mirror. */
  readonly requests: number;
  readonly seconds: number;
}

/**
 * Appends records to `sessions` transcripts at random moments while one process mirrors them and this one follows
 * them in the bucket, as `cairn session tail -f` does.
 */
export async function measureLatency(
  rgw: Rgw,
  interval: string,
  sessions: number,
  appends: number,
  perSecond: number,
): Promise<LatencyFigures> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-live-'));
  const folder = join(home, '.claude/projects/-work');
  await mkdir(folder, { recursive: true });
  const runtime = systemRuntime();
  const bucket = `s3://${rgw.bucket}/${runtime.id()}?endpoint=${encodeURIComponent(rgw.endpoint)}`;
  const ids = Array.from({ length: sessions }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
  const append = (id: string, n: number) =>
    appendFile(join(folder, `${id}.jsonl`), `${JSON.stringify({ ...record(id), n, at: Date.now() })}\n`);
  for (const id of ids) await writeFile(join(folder, `${id}.jsonl`), `${JSON.stringify(record(id))}\n`);

  const mirror = await startMirror(home, bucket, rgw.env, ['--interval', interval]);
  const host = thisHost();
  const app = await openApp({ bucket, project: 'bench' }, { ...host, home, env: { ...host.env, ...rgw.env } });
  const came: { readonly at: number; readonly made: number; readonly now: number; readonly part: [string, number] }[] =
    [];
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const readers = ids.map(async (session) => {
    const address = { project: 'bench', harness: 'claude-code', session };
    const from = new Map([['main', { epoch: 0, seq: 0 }]]);
    let made = 0;
    for await (const news of followSession(app.store, address, {
      runtime,
      from,
      wants: () => true,
      signal: stop.signal,
    })) {
      if (news.event !== 'part') continue;
      if (news.piece.header) made = Date.parse(news.piece.header.at);
      if (!news.piece.lines) continue;
      const now = Date.now();
      for (const line of Buffer.from(news.piece.lines).toString().trimEnd().split('\n')) {
        const { at } = JSON.parse(line);
        if (at !== undefined) came.push({ at, made, now, part: [session, news.seq] });
      }
    }
  });
  await sleep(6000); // the first records are there, and what follows is the ordinary day
  const random = new Random(1);
  const asked = async () => (await rgw.requests()) - app.requests();
  const before = { requests: await asked(), use: mirror.use(), at: performance.now() };
  for (let n = 0; n < appends; n++) {
    await append(random.pick(ids), n);
    const due = before.at + ((n + random.next()) * 1000) / perSecond;
    if (due > performance.now()) await sleep(due - performance.now());
  }
  const deadline = performance.now() + 60_000;
  while (came.length < appends && performance.now() < deadline) await sleep(50);
  const seconds = (performance.now() - before.at) / 1000;
  const use = mirror.use();
  stop.abort();
  await Promise.allSettled(readers);
  const requests = (await asked()) - before.requests;
  await mirror.stop();
  await app.close();
  await rm(home, { recursive: true });
  if (came.length !== appends) throw new Error(`${appends} records were appended, ${came.length} came`);
  const latency = came.map(({ at, made, now, part }) => {
    const stored = mirror.storedAt(...part) ?? now;
    return { whole: now - at, mirror: made - at, server: stored - made, follower: now - stored };
  });
  return { interval, latency, cores: (use.cpu - before.use.cpu) / seconds, peakRss: use.peakRss, requests, seconds };
}

function record(sessionId: string) {
  return { type: 'user', sessionId, cwd: '/work', message: { role: 'user', content: 'x'.repeat(800) } };
}

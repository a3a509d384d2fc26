import { access, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openApp, openState, thisHost } from '../../../src/app.ts';
import { ServiceFolder } from '../../../src/mirror/service-folder.ts';
import { startMirror } from './mirror.ts';

export interface IdleFigures {
  readonly sessions: number;
  readonly minutes: number;
  /** Share of one core. */
  readonly cores: number;
  readonly rss: number;
  readonly peakRss: number;
  readonly readPerMinute: number;
  readonly writtenPerMinute: number;
  readonly requests: number;
}

/** A live mirror of many sessions, half of claude-code and half of codex, none of which is touched. */
export async function measureIdle(sessions: number, minutes: number): Promise<IdleFigures> {
  const inMemory = await access('/dev/shm').then(
    () => '/dev/shm',
    () => tmpdir(),
  );
  const home = await mkdtemp(join(inMemory, 'cairn-bench-idle-'));
  for (let i = 0; i < sessions; i++) await (i % 2 === 0 ? claudeSession(home, i) : codexSession(home, i));
  const bucket = pathToFileURL(join(home, 'bucket')).href;
  const options = ['--interval', '5s'];
  // The first process ships everything; the one that is measured finds all as it was.
  await (await startMirror(home, bucket, {}, options)).stop();
  for (let left = 1; left > 0; ) {
    const mirror = await startMirror(home, bucket, {}, options);
    await sleep(20_000);
    left = (await statusOf(home, bucket)).behind;
    await mirror.stop();
  }
  const mirror = await startMirror(home, bucket, {}, options);
  await sleep(30_000);
  const before = mirror.use();
  await sleep(minutes * 60_000);
  const after = mirror.use();
  await mirror.stop();
  const { requests } = await statusOf(home, bucket);
  await rm(home, { recursive: true });
  return {
    sessions,
    minutes,
    cores: (after.cpu - before.cpu) / (minutes * 60),
    rss: after.rss,
    peakRss: after.peakRss,
    readPerMinute: (after.read - before.read) / minutes,
    writtenPerMinute: (after.written - before.written) / minutes,
    requests,
  };
}

async function statusOf(home: string, bucket: string): Promise<{ behind: number; requests: number }> {
  const app = await openApp({ bucket, project: 'bench' }, { ...thisHost(), home, env: { HOME: home } });
  const status = await new ServiceFolder((await openState(app)).serviceFolder, app.runtime).readStatus();
  await app.close();
  if (!status) throw new Error('the mirror left no status');
  const requests = Object.values(status.traffic).reduce((sum, { requests: n }) => sum + n, 0);
  return { behind: status.live.behind.length, requests };
}

const longAgo = new Date('2026-01-01T00:00:00Z');

async function claudeSession(home: string, i: number): Promise<void> {
  const sessionId = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
  const cwd = `/home/dev/project-${i % 100}`;
  const message = { role: 'user', content: 'Make the import faster.' };
  await write(join(home, `.claude/projects/-home-dev-project-${i % 100}`), `${sessionId}.jsonl`, {
    type: 'user',
    sessionId,
    cwd,
    message,
  });
}

async function codexSession(home: string, i: number): Promise<void> {
  const id = `10000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
  const day = new Date(longAgo.getTime() - (i % 250) * 86_400_000).toISOString().slice(0, 10);
  const payload = { id, cwd: `/home/dev/project-${i % 100}`, cli_version: '0.169.0', instructions: 'x'.repeat(8000) };
  await write(join(home, '.codex/sessions', day.replaceAll('-', '/')), `rollout-${day}T00-00-00-${id}.jsonl`, {
    type: 'session_meta',
    payload,
  });
}

async function write(folder: string, name: string, record: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `${JSON.stringify(record)}\n`);
  await utimes(path, longAgo, longAgo);
}

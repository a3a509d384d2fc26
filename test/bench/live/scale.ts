import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measure, measure } from '../measure.ts';
import type { Rgw } from '../rgw.ts';
import { cairnCommand } from '../tools.ts';

export interface ScaleFigures {
  readonly what: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly peakRss: number;
  readonly requests: number;
}

/** Sessions of 100 small records each, first mirrored, and again with nothing new. */
export async function measureSessions(rgw: Rgw, sessions: number): Promise<ScaleFigures[]> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-scale-'));
  let bytes = 0;
  for (let n = 0; n < sessions; n++) bytes += await writeSession(home, n, 100);
  const what = `${sessions} sessions, ${sessions * 100} records`;
  const figures = [
    { what, bytes, ...(await mirror(home, rgw, 'sessions')) },
    { what: `${what}, nothing new`, bytes: 0, ...(await mirror(home, rgw, 'sessions')) },
  ];
  await rm(home, { recursive: true });
  return figures;
}

/**
 * One file of so many bytes: a record a MiB behind a hole, which reads as a run of NUL as a crash leaves it. It takes
 * little of the disk, and every byte of it is read, redacted and compressed.
 */
export async function measureFile(rgw: Rgw, gib: number): Promise<ScaleFigures> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-scale-'));
  const session = idOf(0);
  const folder = join(home, '.claude/projects/-work');
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, `${session}.jsonl`), 'w');
  const bytes = gib * 2 ** 30;
  await file.write(recordOf(session, 0), 0);
  for (let end = 2 ** 20; end <= bytes; end += 2 ** 20) {
    const record = Buffer.from(`\n${recordOf(session, end)}`);
    await file.write(record, 0, record.length, end - record.length);
  }
  await file.close();
  const figures = { what: `one file of ${gib} GiB`, bytes, ...(await mirror(home, rgw, 'file')) };
  await rm(home, { recursive: true });
  return figures;
}

async function mirror(home: string, rgw: Rgw, place: string): Promise<Omit<ScaleFigures, 'what' | 'bytes'>> {
  const bucket = `s3://${rgw.bucket}/${place}?endpoint=${encodeURIComponent(rgw.endpoint)}`;
  const command = [...cairnCommand, 'session', 'mirror', '--all', '--json', '--bucket', bucket];
  const run = await measure(command, { cwd: '/', env: { ...rgw.env, PATH: process.env.PATH, HOME: home } });
  return { seconds: run.seconds, peakRss: run.peakRss, requests: requestsOf(run) };
}

function requestsOf({ stdout }: Measure): number {
  const { event, requests } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}');
  if (event !== 'done') throw new Error(`expected a last event "done", got ${event}`);
  return requests;
}

async function writeSession(home: string, n: number, records: number): Promise<number> {
  const session = idOf(n);
  const folder = join(home, `.claude/projects/-home-dev-project-${n % 100}`);
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, `${session}.jsonl`), 'w');
  let text = '';
  for (let i = 0; i < records; i++) text += recordOf(session, i);
  const { bytesWritten } = await file.write(text);
  await file.close();
  return bytesWritten;
}

function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

function recordOf(sessionId: string, n: number): string {
  const message = {
    role: n % 2 === 0 ? 'user' : 'assistant',
    content: `Step ${n}: ${'make it faster and say how. '.repeat(8)}`,
  };
  return `${JSON.stringify({ type: message.role, sessionId, cwd: '/work', uuid: `${sessionId}-${n}`, message })}\n`;
}

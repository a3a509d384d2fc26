import { type ChildProcess, spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followSession, openApp, systemRuntime, thisHost } from '../../../src/index.ts';
import { openStore } from '../../../src/store/open.ts';
import type { BucketStore } from '../../../src/store/types.ts';
import { Random } from '../random.ts';
import type { Rgw } from '../rgw.ts';
import { Session } from '../session.ts';
import { texts } from '../text.ts';
import { countingProxy } from './counting-proxy.ts';
import { useOf } from './mirror.ts';

/** An hour of work of some agents, so many times faster. */
export interface Work {
  readonly sessions: number;
  /** Of a transcript when the work begins. */
  readonly startBytes: number;
  /** Between two turns of one session, before it is compressed. */
  readonly turnSeconds: number;
  readonly minutes: number;
  readonly compression: number;
}

export interface BesideFigures {
  readonly tool: string;
  /** Written by the agents while it was measured. */
  readonly written: number;
  /** Over the wire to the server, with headers. */
  readonly uploaded: number;
  readonly requests: number;
  /** Seconds of CPU for each second. */
  readonly cores: number;
  /** Milliseconds until a turn was readable in the bucket, one a turn. */
  readonly latency: readonly number[];
}

interface Turn {
  readonly session: string;
  readonly at: number;
  /** Size of the file and count of its records with this turn. */
  readonly bytes: number;
  readonly records: number;
}

/** A way to keep transcripts in a bucket while they grow. */
interface Way {
  readonly tool: string;
  start(home: string, endpoint: string): ChildProcess;
  /** Tells of how much of each session is readable, until the signal is aborted: whole bytes, or records. */
  watch(home: string, sessions: readonly string[], see: See, signal: AbortSignal): Promise<unknown>;
}

type See = (session: string, readable: { readonly bytes?: number; readonly records?: number }) => void;

const main = join(import.meta.dirname, '../../../../dist/src/cli/main.js');

/** Lets each tool keep up with the same work in turn, beside one server. */
export async function measureBeside(rgw: Rgw, work: Work): Promise<BesideFigures[]> {
  const figures: BesideFigures[] = [];
  for (const way of waysOf(rgw, work)) figures.push(await measureWay(rgw, work, way));
  return figures;
}

async function measureWay(rgw: Rgw, work: Work, way: Way): Promise<BesideFigures> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-beside-'));
  const folder = join(home, '.claude/projects/-work');
  await mkdir(folder, { recursive: true });
  const random = new Random(1);
  const pool = texts(random);
  const sessions = Array.from({ length: work.sessions }, () => new Session(random, pool, '/work'));
  const sizes = new Map<string, { bytes: number; records: number }>();
  const add = async (session: Session, atLeast: number) => {
    const size = sizes.get(session.id) ?? { bytes: 0, records: 0 };
    let text = '';
    do {
      const lines = session.turn();
      size.records += lines.length;
      text += `${lines.join('\n')}\n`;
    } while (text.length < atLeast);
    size.bytes += Buffer.byteLength(text);
    sizes.set(session.id, size);
    const path = join(folder, `${session.id}.jsonl`);
    await (atLeast > 0 ? writeFile(path, text) : appendFile(path, text));
    return { ...size, session: session.id };
  };
  for (const session of sessions) await add(session, work.startBytes);

  const proxy = await countingProxy(rgw.endpoint);
  const child = way.start(home, proxy.url);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let waiting: Turn[] = [];
  const latency: number[] = [];
  const caughtUp = new Set<string>();
  const ids = sessions.map(({ id }) => id);
  const first = new Map([...sizes].map(([id, size]) => [id, { ...size }] as const));
  const watching = way.watch(
    home,
    ids,
    (session, { bytes = -1, records = -1 }) => {
      const now = performance.now();
      const covers = (size: { bytes: number; records: number }) => size.bytes <= bytes || size.records <= records;
      if (covers(first.get(session) ?? { bytes: 0, records: 0 })) caughtUp.add(session);
      const isThere = (turn: Turn) => turn.session === session && covers(turn);
      latency.push(...waiting.filter(isThere).map(({ at }) => now - at));
      waiting = waiting.filter((turn) => !isThere(turn));
    },
    stop.signal,
  );
  while (caughtUp.size < ids.length) await sleep(100); // what was there before is no live work
  const before = { cpu: useOf(child.pid ?? 0, true).cpu, up: proxy.uploaded(), requests: proxy.requests() };
  const start = performance.now();
  const bytesBefore = [...sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const end = start + work.minutes * 60_000;
  const pause = (work.turnSeconds * 1000) / work.compression / work.sessions;
  let turns = 0;
  while (performance.now() < end) {
    const turn = await add(random.pick(sessions), 0);
    waiting.push({ ...turn, at: performance.now() });
    turns++;
    await sleep(pause * 2 * random.next());
  }
  while (waiting.length > 0 && performance.now() < end + 60_000) await sleep(100);
  const seconds = (performance.now() - start) / 1000;
  const after = { cpu: useOf(child.pid ?? 0, true).cpu, up: proxy.uploaded(), requests: proxy.requests() };
  stop.abort();
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  await Promise.allSettled([once(child, 'exit'), watching]);
  await proxy.close();
  await rm(home, { recursive: true });
  if (waiting.length > 0) throw new Error(`${way.tool}: ${waiting.length} of ${turns} turns did not come`);
  const written = [...sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0) - bytesBefore;
  return {
    tool: way.tool,
    written,
    uploaded: after.up - before.up,
    requests: after.requests - before.requests,
    cores: (after.cpu - before.cpu) / seconds,
    latency,
  };
}

function waysOf(rgw: Rgw, work: Work): Way[] {
  const place = systemRuntime().id();
  // What a person would set, as much faster as the work is.
  const interval = (seconds: number) => Math.max(0.2, Math.round((seconds / work.compression) * 100) / 100);
  const bucket = (endpoint: string) => `s3://${rgw.bucket}/${place}/cairn?endpoint=${encodeURIComponent(endpoint)}`;
  const spawned = (command: readonly string[], home: string, env: NodeJS.ProcessEnv) =>
    spawn(command[0] ?? '', command.slice(1), {
      env: { PATH: process.env.PATH, ...rgw.env, ...env, HOME: home },
      stdio: 'ignore',
      detached: true,
    });
  const loop = (command: string, seconds: number) => ['bash', '-c', `while :; do ${command}; sleep ${seconds}; done`];
  const objects =
    (prefix: string): Way['watch'] =>
    async (_, __, see, signal) => {
      const store = await openStore(
        `s3://${rgw.bucket}/${place}/${prefix}?endpoint=${encodeURIComponent(rgw.endpoint)}`,
        {
          env: { ...process.env, ...rgw.env },
          runtime: systemRuntime(),
        },
      );
      await lookAt(store, see, signal);
      await store.close();
    };
  return [
    {
      tool: `cairn --watch, every ${interval(10)} s`,
      start: (home, endpoint) => {
        const words = ['session', 'mirror', '--watch', '--all', '--quiet', '--project', 'bench'];
        const options = ['--bucket', bucket(endpoint), '--interval', `${Math.round(interval(10) * 1000)}ms`];
        return spawned([process.execPath, main, ...words, ...options], home, {});
      },
      async watch(home, sessions, see, signal) {
        const host = { ...thisHost(), home, env: { ...process.env, ...rgw.env, HOME: home } };
        const app = await openApp({ bucket: bucket(rgw.endpoint), project: 'bench' }, host);
        await Promise.all(sessions.map((session) => follow(app, session, see, signal)));
        await app.close();
      },
    },
    {
      tool: `rclone copy, every ${interval(10)} s`,
      start: (home, endpoint) =>
        spawned(loop(`rclone copy ${home}/.claude rgw:${rgw.bucket}/${place}/rclone`, interval(10)), home, {
          RCLONE_CONFIG: '/dev/null',
          RCLONE_CONFIG_RGW_TYPE: 's3',
          RCLONE_CONFIG_RGW_PROVIDER: 'Ceph',
          RCLONE_CONFIG_RGW_ENDPOINT: endpoint,
          RCLONE_CONFIG_RGW_REGION: rgw.region,
          RCLONE_CONFIG_RGW_FORCE_PATH_STYLE: 'true',
          RCLONE_CONFIG_RGW_ACCESS_KEY_ID: rgw.env.AWS_ACCESS_KEY_ID,
          RCLONE_CONFIG_RGW_SECRET_ACCESS_KEY: rgw.env.AWS_SECRET_ACCESS_KEY,
        }),
      watch: objects('rclone'),
    },
    {
      tool: `aws s3 sync, every ${interval(10)} s`,
      start: (home, endpoint) =>
        spawned(
          loop(
            `/usr/bin/aws --endpoint-url ${endpoint} s3 sync ${home}/.claude s3://${rgw.bucket}/${place}/aws --only-show-errors`,
            interval(10),
          ),
          home,
          { AWS_DEFAULT_REGION: rgw.region, AWS_EC2_METADATA_DISABLED: 'true' },
        ),
      watch: objects('aws'),
    },
  ];
}

/** Five looks a second at the sizes of what is there. */
async function lookAt(store: BucketStore, see: See, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for await (const entry of store.list('')) {
      const session = /([0-9a-f-]{36})\.jsonl$/.exec('key' in entry ? entry.key : '')?.[1];
      if (session !== undefined && 'size' in entry) see(session, { bytes: entry.size });
    }
    await sleep(200);
  }
}

async function follow(
  app: Awaited<ReturnType<typeof openApp>>,
  session: string,
  see: See,
  signal: AbortSignal,
): Promise<void> {
  const address = { project: 'bench', harness: 'claude-code', session };
  const from = new Map([['main', { epoch: 0, seq: 0 }]]);
  const options = { runtime: app.runtime, from, wants: () => true, signal };
  for await (const news of followSession(app.store, address, options)) {
    if (news.event === 'part' && news.piece.header) see(session, { records: news.piece.header.totals.records });
  }
}

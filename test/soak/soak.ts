import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemRuntime } from '../../src/app.ts';
import { openStore } from '../../src/store/open.ts';
import { run } from '../child.ts';
import { type Fault, faultProxy } from '../coordination/processes/proxy.ts';
import { seeded } from '../mirror/chaos.ts';
import { Agents } from './agents.ts';
import { checkStream } from './check.ts';

export interface SoakOptions {
  /** The compiled program. */
  readonly main: string;
  /** Empty folder for the agents and the mirror's state. */
  readonly home: string;
  /** Bucket URL. An S3 server is reached through a proxy that does wrong. */
  readonly bucket: string;
  readonly env: NodeJS.ProcessEnv;
  readonly seed: number;
  /** Ends after so long, or so many kills. */
  readonly milliseconds: number;
  readonly kills: number;
  /** Mean time that a mirror is at work before it is killed, milliseconds. */
  readonly killEveryMs: number;
  readonly progress?: (figures: SoakFigures) => void;
}

export interface SoakFigures {
  readonly kills: number;
  readonly stops: number;
  readonly faults: number;
  readonly records: number;
  readonly seconds: number;
}

export interface SoakResult extends SoakFigures {
  readonly streams: number;
  /** What is wrong in the bucket afterwards; nothing. */
  readonly wrong: readonly string[];
}

/** Agents write, a live mirror ships, and it is killed, stopped and cut off all the time; then all is calm, and the bucket is compared. */
export async function soak(o: SoakOptions): Promise<SoakResult> {
  const random = seeded(o.seed);
  const agents = new Agents(o.home, random);
  let calm = false;
  const target = new URL(o.bucket).searchParams.get('endpoint');
  const proxy =
    target === null ? undefined : await faultProxy(target, (method) => (calm ? undefined : fault(random, method)));
  const bucket =
    proxy && target ? o.bucket.replace(encodeURIComponent(target), encodeURIComponent(proxy.url)) : o.bucket;
  const env = { PATH: process.env.PATH, ...o.env, HOME: o.home };
  const words = ['session', 'mirror', '--all', '--bucket', bucket, '--project', 'soak'];
  const start = performance.now();
  let kills = 0;
  let stops = 0;
  let working = true;
  const figures = (): SoakFigures => ({
    kills,
    stops,
    faults: proxy?.faults() ?? 0,
    records: agents.records,
    seconds: Math.round((performance.now() - start) / 1000),
  });
  const writing = (async () => {
    while (working) {
      agents.act();
      await sleep(random() * 20);
    }
  })();
  const deadline = start + o.milliseconds;
  while (performance.now() < deadline && kills < o.kills) {
    const child = spawn(process.execPath, [o.main, ...words, '--watch', '--interval', '200ms'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    const begun = Promise.race([once(child.stdout, 'data'), exit]);
    // Some die while they start, the others at work; most lives are short.
    const atWork = random() < 0.8;
    const life = -Math.log(1 - random()) * o.killEveryMs;
    if (atWork) await begun;
    await Promise.race([sleep(atWork ? life : random() * 600), exit]);
    const gentle = random() < 0.1;
    child.kill(gentle ? 'SIGTERM' : 'SIGKILL');
    if (gentle) stops++;
    else kills++;
    await exit;
    o.progress?.(figures());
  }
  working = false;
  await writing;
  agents.rest();
  calm = true;
  const wrong: string[] = [];
  // What landed late is settled by the first run, the rest shipped by it or the second.
  for (let n = 0; n < 2; n++) {
    const { exit, stderr } = await run([process.execPath, o.main, ...words], { cwd: o.home, env, timeoutMs: 600_000 });
    if (exit !== 0 && n === 1) wrong.push(`the last run ended with ${exit}: ${stderr}`);
  }
  const result = figures();
  await proxy?.close();
  const store = await openStore(o.bucket, { env: process.env, runtime: systemRuntime() });
  const expected = agents.expected();
  for (const one of expected) {
    const { session, stream } = one.address;
    for (const what of await checkStream(store, one)) wrong.push(`${session}/${stream}: ${what}`);
  }
  await store.close();
  return { ...result, streams: expected.length, wrong };
}

/** One request in ten goes wrong, in one of the ways of networks and stores. */
function fault(random: () => number, method: string): Fault | undefined {
  if (random() > 0.1) return undefined;
  const faults: Fault[] = [
    { kind: 'refuse' },
    { kind: 'lost' },
    { kind: 'cut' },
    { kind: 'stall', ms: 500 },
    { kind: 'status', status: 503, done: false },
    { kind: 'status', status: 503, done: true },
    { kind: 'status', status: 429, done: false },
    { kind: 'status', status: method === 'PUT' ? 409 : 500, done: false },
  ];
  return faults[Math.floor(random() * faults.length)];
}

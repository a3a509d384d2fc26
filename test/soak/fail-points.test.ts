import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../src/app.ts';
import { openStore } from '../../src/store/open.ts';
import { main } from '../cli/cairn.ts';
import { temporaryFolder } from '../mirror/rig.ts';
import { checkStream } from './check.ts';

const failPoints = pathToFileURL(join(import.meta.dirname, 'fail-points.mjs')).href;
const { CAIRN_TEST_S3_BUCKET: bucketName, AWS_ENDPOINT_URL_S3: endpoint } = process.env;
/** In one round. */
const mostKills = 60;
const secret = (n: number) => `ghp_${String(n).padStart(36, 'aB3dE5gH7')}`;

/**
 * A transcript that changes before every run; each run is killed one step later than the one before. A new session
 * each round, the odd ones rewritten now and then, and every record in two halves.
 */
async function killEverywhere(home: string, bucket: string, env: NodeJS.ProcessEnv, rounds: number) {
  let kills = 0;
  const wrong: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const result = await killRound(home, bucket, env, round);
    kills += result.kills;
    wrong.push(...result.wrong);
  }
  return { kills, wrong };
}

async function killRound(home: string, bucket: string, env: NodeJS.ProcessEnv, round: number) {
  const session = `11111111-2222-4333-8444-${String(round).padStart(12, '0')}`;
  const file = join(home, '.claude/projects/-w', `${session}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  const secrets: string[] = [];
  let lines = 0;
  const line = () => {
    const n = lines++;
    if (n % 7 === 0) secrets.push(secret(n));
    return `${JSON.stringify({ type: 'user', sessionId: session, n, text: n % 7 === 0 ? secret(n) : 'words' })}\n`;
  };
  const mirror = async (killAt: number) => {
    const words = ['--import', failPoints, main, 'session', 'mirror', '--all', '--bucket', bucket, '--project', 'p'];
    const child = spawn(process.execPath, [...words, '--quiet'], {
      env: { ...env, PATH: process.env.PATH, HOME: home, CAIRN_TEST_KILL_AT: String(killAt) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    const [exit, signal] = await once(child, 'exit');
    expect(signal === 'SIGKILL' || exit === 0 || exit === 75, said).toBe(true);
    return signal === 'SIGKILL';
  };
  let resets = 0;
  let torn = '';
  let kills = 0;
  // With every rewriting there is more to do, so that the last step may run away from the one that is killed.
  for (let killed = true; killed && kills < mostKills; kills++) {
    const text = torn + line() + line();
    const whole = text.length - 20;
    if (round % 2 === 1 && kills % 3 === 2) {
      writeFileSync(file, text.slice(torn.length, whole));
      resets++;
    } else appendFileSync(file, text.slice(0, whole));
    torn = text.slice(whole);
    killed = await mirror(kills);
  }
  appendFileSync(file, torn);
  await mirror(1_000_000);
  const store = await openStore(bucket, { env: { ...process.env, ...env }, runtime: systemRuntime() });
  const address = { project: 'p', harness: 'claude-code', session, stream: 'main' };
  const wrong = await checkStream(store, { address, text: readFileSync(file, 'utf8'), secrets, resets });
  await store.close();
  return { kills: kills - 1, wrong };
}

describe('killed with SIGKILL at every numbered step', () => {
  it('on a directory, in five rounds, the source changing all the while', { timeout: 600_000 }, async () => {
    const home = await temporaryFolder();
    const result = await killEverywhere(home, pathToFileURL(join(home, 'bucket')).href, {}, 5);
    expect(result.wrong).toEqual([]);
    expect(result.kills).toBeGreaterThanOrEqual(85);
  });

  it.skipIf(bucketName === undefined || endpoint === undefined)(
    'on the S3 server of the environment',
    { timeout: 300_000 },
    async () => {
      const bucket = `s3://${bucketName}/${systemRuntime().id()}?endpoint=${encodeURIComponent(endpoint ?? '')}`;
      const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
      const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
      const result = await killEverywhere(await temporaryFolder(), bucket, env, 2);
      expect(result.wrong).toEqual([]);
      expect(result.kills).toBeGreaterThan(30);
    },
  );
});

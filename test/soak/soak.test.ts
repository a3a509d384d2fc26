import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemRuntime } from '../../src/app.ts';
import { partKey } from '../../src/store/keys.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { main } from '../cli/cairn.ts';
import { mirror, temporaryFolder, testRedactor, testRuntime } from '../mirror/rig.ts';
import { checkStream, type Expected } from './check.ts';
import { soak } from './soak.ts';

const { CAIRN_TEST_S3_BUCKET: bucketName, AWS_ENDPOINT_URL_S3: endpoint } = process.env;

describe('a live mirror that is killed all the time', () => {
  it('on a directory: the bucket is the redacted source, nothing twice, no gap', { timeout: 120_000 }, async () => {
    const home = await temporaryFolder();
    const bucket = pathToFileURL(join(home, 'bucket')).href;
    const limits = { milliseconds: 60_000, kills: 12, killEveryMs: 300 };
    const result = await soak({ main, home, bucket, env: {}, seed: 1, ...limits });
    expect(result.wrong).toEqual([]);
    expect(result.kills).toBeGreaterThan(5);
    expect(result.records).toBeGreaterThan(100);
  });

  it.skipIf(bucketName === undefined || endpoint === undefined)(
    'on the S3 server of the environment, while one request in ten goes wrong',
    { timeout: 120_000 },
    async () => {
      const home = await temporaryFolder();
      const bucket = `s3://${bucketName}/${systemRuntime().id()}?endpoint=${encodeURIComponent(endpoint ?? '')}`;
      const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
      const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
      const limits = { milliseconds: 60_000, kills: 6, killEveryMs: 1500 };
      const result = await soak({ main, home, bucket, env, seed: 2, ...limits });
      expect(result.wrong).toEqual([]);
      expect(result.faults).toBeGreaterThan(0);
    },
  );
});

describe('the check finds', () => {
  const session = '11111111-2222-4333-8444-555555555555';
  const address = { project: 'p', harness: 'claude-code', session, stream: 'main' };
  const secret = `ghp_${'x'.repeat(36)}`;
  let bucket: BucketStore;
  let expected: Expected;
  const key = (seq: number) => partKey({ ...address, epoch: 0, seq });
  const bytesOf = async (seq: number) => (await bucket.get(key(seq)))!.bytes();

  beforeEach(async () => {
    const folder = await temporaryFolder();
    const projects = join(folder, 'home/.claude/projects/-w');
    mkdirSync(projects, { recursive: true });
    const runtime = testRuntime('w', Date.now() + 3_600_000);
    bucket = memoryStore(runtime);
    let text = '';
    for (let n = 0; n < 4; n++) {
      text += `${JSON.stringify({ sessionId: session, n, ...(n === 1 && { secret }) })}\n`;
      writeFileSync(join(projects, `${session}.jsonl`), text);
      await mirror({
        store: bucket,
        home: join(folder, 'home'),
        stateFolder: join(folder, 'state'),
        runtime,
        redactor: () => ({
          ...testRedactor(/ghp_x{36}/g),
          redact: (block) => {
            const shown = Buffer.from(block).toString().replaceAll(secret, '[REDACTED:github-token:0123abcd]');
            return { block: Buffer.from(shown), found: {}, images: 0 };
          },
        }),
      });
    }
    expected = { address, text, secrets: [secret], resets: 0 };
  });

  it('nothing in a bucket that is right', async () => {
    expect(await checkStream(bucket, expected)).toEqual([]);
  });

  const damages: Record<string, [damage: () => Promise<void>, found: RegExp]> = {
    'a part that is missing in the middle': [() => bucket.remove(key(1)), /gap after part 0/],
    'a last part that is missing': [() => bucket.remove(key(3)), /line 4 of 5 differs/],
    'a part that is there twice': [
      async () => bucket.overwrite(key(4), await bytesOf(3)),
      /part 4 of epoch 0 continues another/,
    ],
    'two parts that changed places': [
      async () => {
        const [a, b] = [await bytesOf(1), await bytesOf(2)];
        await bucket.overwrite(key(1), b);
        await bucket.overwrite(key(2), a);
      },
      /part 1 of epoch 0 continues another/,
    ],
    'a part that is cut short': [
      async () => bucket.overwrite(key(2), (await bytesOf(2)).subarray(0, -12)),
      /part 2 of epoch 0: expected a part/,
    ],
    'an epoch without a reason': [
      async () => bucket.overwrite(partKey({ ...address, epoch: 1, seq: 0 }), await bytesOf(0)),
      /epoch 1 has no reason/,
    ],
  };
  for (const [name, [damage, found]] of Object.entries(damages)) {
    it(name, async () => {
      await damage();
      expect((await checkStream(bucket, expected)).join('\n')).toMatch(found);
    });
  }

  it('a line that is missing, doubled, changed or not redacted in its source', async () => {
    const [first = '', ...rest] = expected.text.split(/(?<=\n)/);
    const texts = [rest.join(''), first + expected.text, expected.text.replace('"n":2', '"n":9')];
    for (const text of texts) expect(await checkStream(bucket, { ...expected, text })).toHaveLength(1);
    const planted = { ...expected, secrets: [`"n":3`] };
    expect((await checkStream(bucket, planted)).join()).toMatch(/a secret stands in the bucket/);
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main, objects, User } from './cairn.ts';

const ids = [1, 2, 3].map((n) => `${n}b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10`);
/** Of a session: more than one part, and together enough for a thread of their own. */
const sessionBytes = 10 << 20;

function transcript(sessionId: string, n: number): string {
  const lines: string[] = [];
  for (let bytes = 0; bytes < sessionBytes; bytes += 10_000) {
    const secret =
      bytes % 1_000_000 === 0 ? `\nGITHUB_TOKEN=${'gh'}p_${`A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r${n}`}` : '';
    const content = `${`line ${bytes} of a log that goes on `.repeat(300)}${secret}`;
    lines.push(JSON.stringify({ type: 'user', uuid: `u${bytes}`, sessionId, message: { role: 'user', content } }));
  }
  return `${lines.join('\n')}\n`;
}

test('a backlog that is stopped ends after its part; the next run ships the rest, redacted as any text is', async () => {
  const user = await User.create();
  const folder = join(user.home, '.claude/projects/-srv-app');
  await mkdir(folder, { recursive: true });
  for (const [n, id] of ids.entries()) await writeFile(join(folder, `${id}.jsonl`), transcript(id, n));

  const child = spawn(process.execPath, [main, 'session', 'mirror', '--all', '--json'], { env: user.env });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
    if (stdout.includes('"event":"part"') && !child.killed) child.kill('SIGTERM'); // a second one would not wait
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(143);
  expect(objects(stdout).at(-1)).toMatchObject({ event: 'done', failed: 0 });
  expect(objects(stdout).at(-1)?.remaining).toBeGreaterThan(0);

  const rest = await user.run('session', 'mirror', '--all', '--json');
  expect(rest).toMatchObject({ exit: 0, stderr: '' });
  for (const id of ids) {
    const input = await readFile(join(folder, `${id}.jsonl`));
    const filtered = execFileSync(process.execPath, [main, 'redact', 'filter'], {
      ...{ env: user.env, input, maxBuffer: 1 << 30 },
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString();
    expect(filtered).toContain('[REDACTED:');
    expect((await user.run('session', 'cat', id)).stdout === filtered).toBe(true);
  }
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main, User } from './cairn.ts';

/** What a command makes of its standard input. */
async function feed(user: User, input: string | number, ...args: readonly string[]) {
  const isText = typeof input === 'string';
  const child = spawn(process.execPath, [main, ...args], {
    cwd: user.home,
    env: user.env,
    stdio: [isText ? 'pipe' : input, 'pipe', 'pipe'],
  });
  let out = '';
  let told = '';
  child.stdout?.on('data', (piece) => {
    out += piece;
  });
  child.stderr?.on('data', (piece) => {
    told += piece;
  });
  if (isText) child.stdin?.end(input);
  const [exit] = await once(child, 'close');
  return { exit, out, told };
}

test('events come from standard input where the file is -, alone and among others', async () => {
  const user = await User.create();
  const event = (text: string) => `${JSON.stringify({ kind: 'prompt', at: '2026-01-01T00:00:00.000Z', text })}\n`;
  await writeFile(join(user.home, 'more.jsonl'), event('second'));
  const { exit } = await feed(user, event('first'), 'session', 'import', '-', 'more.jsonl', '--append', 'piped-1');
  expect(exit).toBe(0);
  const shown = await user.run('session', 'events', 'piped-1');
  expect(shown.stdout).toMatch(/first.*second/s);
  const refused = await feed(user, 'no event\n', 'session', 'import', '-');
  expect(refused.exit).toBe(2);
  expect(refused.told).toMatch(/^cairn: expected JSON in line 1 of -/);
});

test('a file is filtered from where it stands', async () => {
  const user = await User.create();
  const path = join(user.home, 'lines.jsonl');
  const lines = Array.from({ length: 200_000 }, (_, i) => `{"n":${i}}\n`);
  await writeFile(path, lines.join(''));
  const file = await open(path);
  const skipped = lines.slice(0, 50_000).join('').length;
  await file.read(Buffer.alloc(skipped), 0, skipped, null);
  const { exit, out } = await feed(user, file.fd, 'redact', 'filter');
  await file.close();
  expect(exit).toBe(0);
  expect(out === lines.slice(50_000).join('')).toBe(true);
});

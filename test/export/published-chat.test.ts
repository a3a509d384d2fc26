import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type ChatMessage, chatExample, chatLine } from '../../src/export/chat.ts';
import { projectFile } from '../trajectory/project.ts';
import { samplePaths } from '../trajectory/samples.ts';
import { sourceOf } from './source.ts';

type Published = import('openai').OpenAI.ChatCompletionMessageParam;

const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/.bin/tsc');

/** The types that OpenAI publishes of its API are the schema: what is exported has to compile as values of them. */
async function compile(lines: readonly string[]): Promise<string> {
  const folder = join(root, 'build/published-chat');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'lines.ts');
  const values = lines.map((line) => `check(${line.trim()});`);
  const head = `import type { OpenAI } from 'openai';\nfunction check(_: { messages: OpenAI.ChatCompletionMessageParam[] }): void {}`;
  await writeFile(file, [head, ...values, ''].join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig', file];
  try {
    await promisify(execFile)(compiler, options, { cwd: root });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('every sample as chat messages is what OpenAI publishes as their type', async () => {
  const lines: string[] = [];
  for (const [harness, path] of samplePaths()) {
    const source = sourceOf({ main: projectFile(harness, path).events });
    const example = await chatExample(source, 'main');
    if (example.messages.length > 0) lines.push(chatLine(source, example, false));
  }
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.some((line) => line.includes('"tool_calls"'))).toBe(true);
  expect(await compile(lines)).toBe('');
}, 60_000);

test('what is none of them does not compile', async () => {
  const bad = [
    { role: 'tool', content: 'without a call' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { name: 'f' } }] },
    { role: 'person', content: 'hello' },
    { role: 'user', content: 'hello', thinking: 'extra' },
  ];
  const errors = await compile(bad.map((message) => JSON.stringify({ messages: [message] })));
  expect(new Set([...errors.matchAll(/lines\.ts\((\d+)/g)].map(([, line]) => line)).size).toBe(bad.length);
}, 60_000);

test('the type of a message is one of theirs', () => {
  const published = (message: ChatMessage): Published => message;
  expect(published({ role: 'user', content: 'hello' })).toEqual({ role: 'user', content: 'hello' });
});

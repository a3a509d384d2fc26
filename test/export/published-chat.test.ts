import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type AnthropicMessage, anthropicLine } from '../../src/export/anthropic.ts';
import { type ChatMessage, chatExample, chatLine } from '../../src/export/chat.ts';
import { projectFile } from '../trajectory/project.ts';
import { samplePaths } from '../trajectory/samples.ts';
import { sourceOf } from './source.ts';

type Published = import('openai').OpenAI.ChatCompletionMessageParam;
type Theirs = import('@anthropic-ai/sdk').Anthropic.MessageParam;

const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/.bin/tsc');

/** The types that both publish of their APIs are the schema: what is exported has to compile as values of them. */
const published = {
  openai: `import type { OpenAI } from 'openai';\nfunction check(_: { messages: OpenAI.ChatCompletionMessageParam[] }): void {}`,
  anthropic: `import type { Anthropic } from '@anthropic-ai/sdk';\nfunction check(_: { system?: string; messages: Anthropic.MessageParam[] }): void {}`,
};

async function compile(lines: readonly string[], api: keyof typeof published): Promise<string> {
  const folder = join(root, 'build/published-chat', api);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'lines.ts');
  const values = lines.map((line) => `check(${line.trim()});`);
  await writeFile(file, [published[api], ...values, ''].join('\n'));
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

test.each([
  ['openai', chatLine, '"tool_calls"'],
  ['anthropic', anthropicLine, '"tool_use"'],
] as const)(
  'every sample is what %s publishes as the type of messages',
  async (api, write, call) => {
    const lines: string[] = [];
    for (const [harness, path] of samplePaths()) {
      const source = sourceOf({ main: projectFile(harness, path).events });
      const example = await chatExample(source, 'main');
      if (example.messages.length > 0) lines.push(write(source, example, false));
    }
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.some((line) => line.includes(call))).toBe(true);
    expect(await compile(lines, api)).toBe('');
  },
  60_000,
);

const bad = {
  openai: [
    { role: 'tool', content: 'without a call' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { name: 'f' } }] },
    { role: 'person', content: 'hello' },
    { role: 'user', content: 'hello', thinking: 'extra' },
  ],
  anthropic: [
    { role: 'tool', content: 'not a role' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'x', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', content: 'without a call' }] },
    { role: 'user', content: [{ type: 'text' }] },
  ],
};

test.each(['openai', 'anthropic'] as const)(
  'what is none of %s does not compile',
  async (api) => {
    const messages = bad[api];
    const errors = await compile(
      messages.map((message) => JSON.stringify({ messages: [message] })),
      api,
    );
    expect(new Set([...errors.matchAll(/lines\.ts\((\d+)/g)].map(([, line]) => line)).size).toBe(messages.length);
  },
  60_000,
);

test('the type of a message is one of theirs', () => {
  const theirs = (message: ChatMessage): Published => message;
  expect(theirs({ role: 'user', content: 'hello' })).toEqual({ role: 'user', content: 'hello' });
  const other = (message: AnthropicMessage): Theirs => message;
  expect(other({ role: 'user', content: [] })).toEqual({ role: 'user', content: [] });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { costOf, listPrices, priceOf } from '../../src/trajectory/prices.ts';
import { projectFile, statisticsOf } from './project.ts';

const samples = join(import.meta.dirname, '../samples/claude-code');
const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8'));
const paths = Object.keys(expected).filter((path) => path.startsWith('main/'));
const path = paths.find((each) => expected[each].subagents) ?? '';
const forkPath = paths.find((each) => each !== path) ?? '';

function tree() {
  const agents = Object.keys(expected[path].subagents);
  const folder = join(samples, path.replace(/\.jsonl$/, ''), 'subagents');
  const events = agents.flatMap((agent) => projectFile('claude-code', join(folder, `${agent}.jsonl`), agent).events);
  return [...projectFile('claude-code', join(samples, path)).events, ...events];
}

test('a tree is the union of its files by request', () => {
  const { tokens, answers, requests } = statisticsOf(tree());
  const { treeUsage, treeAssistantMessages } = expected[path];
  expect(tokens).toMatchObject({
    input: treeUsage.input_tokens,
    cacheRead: treeUsage.cache_read_input_tokens,
    cacheWrite: treeUsage.cache_creation_input_tokens,
    output: treeUsage.output_tokens,
  });
  expect([answers, requests]).toEqual([treeAssistantMessages, treeAssistantMessages]);
});

test('a fork counts what its source has not', () => {
  const source = projectFile('claude-code', join(samples, path)).events;
  const fork = projectFile('claude-code', join(samples, forkPath)).events;
  const { usage } = expected[path];
  const own = expected[forkPath].usageNotInSource;
  expect(statisticsOf(source, fork).tokens).toMatchObject({
    input: usage.input_tokens + own.input_tokens,
    output: usage.output_tokens + own.output_tokens,
  });
});

test('the cost is what the agent itself came to for the same tokens', () => {
  const [model, told] = Object.entries<Record<string, number>>(expected[path].lastCostState.modelUsage)[0] ?? [];
  const price = priceOf(listPrices, model ?? '');
  expect(price).toBeDefined();
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheCreationInputTokens, costUSD } = told ?? {};
  const tokens = {
    input: inputTokens ?? 0,
    output: outputTokens ?? 0,
    cacheRead: cacheReadInputTokens ?? 0,
    cacheWrite: cacheCreationInputTokens ?? 0,
  };
  expect(price && costOf(price, tokens)).toBeCloseTo(costUSD ?? 0, 9);
});

test('the longest name that is the model’s own has the price; another model has none', () => {
  const prices = { 'm-1': [price(1)], 'm-1-mini': [price(2)], 'own-*': [price(3)], 'own-big*': [price(4)] };
  const input = (model: string) => priceOf(prices, model)?.input;
  expect(input('m-1')).toBe(1);
  expect(input('m-1-20260101')).toBe(1);
  expect(input('gateway/vendor/m-1-2026-01-01')).toBe(1);
  expect(input('m-1-mini-latest')).toBe(2);
  expect(input('m-1-nano')).toBeUndefined();
  expect(input('m-1.5')).toBeUndefined();
  expect(input('own-big-2')).toBe(4);
  expect(input('own-2')).toBe(3);
});

test('a price holds from its day on; a long prompt has its own', () => {
  const read = (time: string) => priceOf(listPrices, 'claude-sonnet-5-5', time)?.cacheRead;
  expect([read('2026-10-06T23:59:59Z'), read('2026-10-07T00:00:00Z')]).toEqual([0.2, 0.1]);
  const haiku = priceOf(listPrices, 'claude-haiku-5-5');
  const tokens = { input: 100_000, cacheRead: 0, cacheWrite: 0, output: 0 };
  expect(haiku && costOf(haiku, tokens)).toBeCloseTo(0.01, 9);
  expect(haiku && costOf(haiku, { ...tokens, cacheRead: 1 })).toBeCloseTo(0.05, 6);
});

function price(input: number) {
  return { input, output: 0, cacheRead: 0, cacheWrite: 0 };
}

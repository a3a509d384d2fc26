import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import {
  emptySummary,
  type Harness,
  linesOf,
  parseRecord,
  type SessionRef,
  type StreamRef,
} from '../../src/harness/index.ts';
import { count } from '../samples/count.ts';
import { sharedData } from '../shared.ts';
import { discovered, readAll, sha256, temporaryFolder } from './support.ts';

type Agent = 'claude-code' | 'codex';
interface Expected {
  readonly bytes: number;
  readonly sha256: string;
  readonly lines: number;
  readonly invalidLines: readonly number[];
  readonly tornTailBytes: number;
  readonly turns: number;
  readonly recordsByType: Readonly<Record<string, number>>;
  readonly session: { readonly id: string; readonly session_id?: string; readonly cwd: string };
  readonly lineage?: { readonly parent: string; readonly recordsFromParent: number };
  readonly [fact: string]: unknown;
}

const samples = join(import.meta.dirname, '../samples');
const shared = process.env.CAIRN_SAMPLES ?? sharedData('sessions') ?? '';
const publicSamples = join(shared, 'claude-code/public');

/** Facts that need two files, or that count what must not be counted. */
const elsewhere = new Set(
  `bytes sha256 tornTailBytes compressedBytes session lineage subagents toolResultFiles usageIfEveryLineWereSummed
   lastCostState lastCumulativeTotal treeUsage treeAssistantMessages forkOf uuidsSharedWithSource
   messagesSharedWithSource usageNotInSource meta`.split(/\s+/),
);

function expectedOf(agent: Agent): Record<string, Expected> {
  const { _rules, ...expected } = JSON.parse(readFileSync(join(samples, agent, 'expected.json'), 'utf8'));
  return expected;
}

function harnessOf(agent: Agent): Harness {
  const found = harnesses.find(({ name }) => name === agent);
  if (!found) throw new Error(`no harness ${agent}`);
  return found;
}

/** A home that holds the one sample file, where the agent would have put it. */
function homeOf(agent: Agent, path: string): string {
  const root = temporaryFolder();
  const folder = agent === 'codex' ? 'sessions/2026/11/21' : 'projects/-home-dev-web-app';
  mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(path, join(root, folder, basename(path)));
  return root;
}

function streamOf(session: SessionRef | undefined, name: string): StreamRef {
  const stream = session?.streams.find((each) => each.name === name);
  if (!stream) throw new Error(`no stream ${name}`);
  return stream;
}

async function check(agent: Agent, stream: StreamRef, expected: Expected): Promise<void> {
  const harness = harnessOf(agent);
  for (const chunkBytes of [4096, 8 * 1024 * 1024]) {
    const read = await readAll(harness, stream, undefined, { chunkBytes });
    const plain = stream.files[0]?.path.endsWith('.zst') ? read.bytes : readFileSync(stream.files[0]?.path ?? '');
    expect(read.pending).toBe(expected.tornTailBytes);
    expect(read.bytes.length + read.pending).toBe(expected.bytes);
    expect(plain.subarray(0, read.bytes.length).equals(read.bytes)).toBe(true);
    expect(sha256(plain)).toBe(expected.sha256);
    expect(read.chunks.reduce((sum, { records }) => sum + records, 0)).toBe(expected.lines);

    const facts = count(agent, read.bytes, { subAgent: stream.name.startsWith('agent-') });
    const { gaps, ...ordinals } = (expected.ordinals ?? {}) as Record<string, unknown>;
    const checked = { ...expected, ...(gaps !== undefined && { ordinals }) };
    expect(facts).toMatchObject(Object.fromEntries(Object.entries(checked).filter(([fact]) => !elsewhere.has(fact))));

    const summary = [...linesOf(read.bytes)].reduce(
      (sofar, bytes) => harness.summarise(sofar, { stream: 'main', bytes, value: parseRecord(bytes) }),
      emptySummary,
    );
    expect(summary.records).toBe(expected.lines);
    expect(summary.invalid).toBe(expected.invalidLines.length);
    const unknown = agent === 'codex' ? ['future_item/x'] : (expected.unknownTypes as string[]);
    expect(summary.unknown).toBe(unknown.reduce((sum, type) => sum + (expected.recordsByType[type] ?? 0), 0));
    if (stream.name.startsWith('agent-')) continue;
    expect(summary.turns).toBe(expected.turns);
    const [prompt] = (expected.prompts ?? [summary.title]) as string[];
    if (expected.recordsByType.summary === undefined) expect(summary.title).toBe(prompt);
  }
}

describe('claude-code samples', () => {
  const expected = expectedOf('claude-code');
  for (const [path, facts] of Object.entries(expected)) {
    const file = join(path.startsWith('public/') ? dirname(publicSamples) : join(samples, 'claude-code'), path);
    const missing = path.startsWith('public/') && !existsSync(file);
    test.skipIf(missing)(
      missing ? `${path} (not part of the repository; CAIRN_SAMPLES names their folder)` : path,
      async () => {
        const root = homeOf('claude-code', file);
        const [session, ...others] = await discovered(harnessOf('claude-code'), root);
        expect(others).toEqual([]);
        const fork = 'bab8b3f3-9bdb-40bc-9e4f-d266ca93d5ce';
        expect(session?.id).toBe(path.startsWith('edge/') ? fork : basename(path, '.jsonl'));
        await check('claude-code', streamOf(session, 'main'), facts);
      },
    );
  }

  test('the whole tree of a session', async () => {
    const sessions = await discovered(harnessOf('claude-code'), join(samples, 'claude-code/main'));
    const paths = Object.keys(expected).filter((path) => path.startsWith('main/'));
    expect(sessions.map(({ id }) => id).sort()).toEqual(paths.map((path) => basename(path, '.jsonl')).sort());
    const path = paths.find((each) => expected[each]?.subagents) ?? '';
    const session = sessions.find(({ id }) => path.includes(id));
    expect(session?.cwd).toBe('/home/dev/web.app');
    const agents = expected[path]?.subagents as Record<string, Expected>;
    const results = expected[path]?.toolResultFiles as Record<string, number>;
    expect(session?.streams.map(({ name }) => name)).toEqual(['main', ...Object.keys(agents).sort(), 'files']);
    for (const [name, facts] of Object.entries(agents)) await check('claude-code', streamOf(session, name), facts);

    const read = await readAll(harnessOf('claude-code'), streamOf(session, 'files'));
    const records = read.bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ path: shown, size }) => [shown, size])).toEqual([
      ...Object.keys(agents)
        .sort()
        .map((agent) => [`subagents/${agent}.meta.json`, 296]),
      ...Object.entries(results).map(([file, size]) => [`tool-results/${file}`, size]),
    ]);
    for (const [agent, facts] of Object.entries(agents)) {
      const meta = records.find(({ path: shown }) => shown === `subagents/${agent}.meta.json`);
      expect(JSON.parse(meta.text)).toEqual(facts.meta);
    }
  });
});

describe('codex samples', () => {
  const expected = expectedOf('codex');
  for (const [path, facts] of Object.entries(expected)) {
    test(path, async () => {
      const root = homeOf('codex', join(samples, 'codex', path));
      const [session, ...others] = await discovered(harnessOf('codex'), root);
      expect(others).toEqual([]);
      const meta = facts.session;
      expect(session?.id).toBe(meta.session_id ?? meta.id);
      const stream = meta.session_id && meta.session_id !== meta.id ? `agent-${meta.id}` : 'main';
      if (stream === 'main') expect(session?.cwd).toBe(meta.cwd);
      expect(session?.streams.map(({ name }) => name)).toEqual([stream]);
      await check('codex', streamOf(session, stream), facts);
    });
  }

  test('bases come before what departs from them, and sub-agents belong to their root', async () => {
    for (const home of ['paginated-0.169', 'compaction-subagent-0.169']) {
      const facts = Object.entries(expected)
        .filter(([path]) => path.startsWith(home))
        .map(([, fact]) => fact);
      const sessions = await discovered(harnessOf('codex'), join(samples, 'codex', home));
      const fork = facts.find(({ lineage }) => lineage);
      if (!fork?.lineage) throw new Error(`no fork in ${home}`);
      const { parent, recordsFromParent } = fork.lineage;
      expect(sessions.map(({ id }) => id)).toEqual([parent, fork.session.id]);
      expect(sessions.map(({ lineage }) => lineage)).toEqual([
        [],
        [
          { kind: 'base', session: parent, at: recordsFromParent },
          { kind: 'fork', session: parent, at: recordsFromParent },
        ],
      ]);
      const agent = facts.map(({ session }) => session).find(({ id, session_id }) => id !== session_id);
      const streams = sessions[0]?.streams.map(({ name }) => name);
      expect(streams).toEqual(agent ? ['main', `agent-${agent.id}`] : ['main']);
    }
  });
});

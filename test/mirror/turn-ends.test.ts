import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemRuntime } from '../../src/app.ts';
import { LiveMirror } from '../../src/mirror/live.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { withoutWriter } from '../sqlite/writer.ts';
import { seeded } from './chaos.ts';
import { HermesSource, OpenclawSource } from './database-source.ts';
import { mirrorRun, temporaryFolder } from './rig.ts';

const hourMs = 3_600_000;
const runtime = systemRuntime();

const row = (role: string, finish: string) =>
  `INSERT INTO messages (session_id, role, content, finish_reason, timestamp) VALUES ('s1', '${role}', 'x', '${finish}', 1795169800)`;
const event = (role: string, stopReason: string) =>
  `INSERT INTO transcript_events (session_id, seq, event_json, created_at) SELECT 's1', coalesce(max(seq), -1) + 1,
    '${JSON.stringify({ type: 'message', message: { role, stopReason } })}', 1 FROM transcript_events WHERE session_id = 's1'`;

describe.skipIf(withoutWriter !== undefined)('the end of a turn in a database does not wait for the interval', () => {
  it.each([
    { agent: 'hermes', Source: HermesSource, asks: row('assistant', 'tool_calls'), ends: row('assistant', 'stop') },
    {
      agent: 'openclaw',
      Source: OpenclawSource,
      asks: event('assistant', 'toolUse'),
      ends: event('assistant', 'stop'),
    },
  ])('$agent', async ({ agent, Source, asks, ends }) => {
    const folder = await temporaryFolder();
    const source = new Source(join(folder, 'home'), seeded(1));
    onTestFinished(() => source.close());
    await source.open();
    await source.statements(asks);

    const stopping = new AbortController();
    const run = await mirrorRun({
      store: memoryStore(runtime),
      home: join(folder, 'home'),
      stateFolder: join(folder, 'state'),
      runtime,
      run: { signal: stopping.signal },
    });
    const live = new LiveMirror(run, { intervalMs: hourMs, requests: () => 0 });
    let parts = 0;
    const ended = (async () => {
      for await (const one of live) if (one.event === 'part' && one.harness === agent && one.session === 's1') parts++;
    })();
    onTestFinished(() => {
      stopping.abort();
      return ended;
    });
    const until = async (holds: () => boolean) => {
      while (!holds()) await runtime.sleep(20);
    };
    const isBehind = () => live.status().behind.some(({ session, bytes }) => session === 's1' && bytes > 0);

    await until(() => parts === 1);
    await runtime.sleep(2500); // it is looked at once more
    await source.statements(asks);
    await until(isBehind);
    await runtime.sleep(500);
    expect(parts).toBe(1);
    await source.statements(ends);
    await until(() => parts === 2);
    expect(isBehind()).toBe(false);
  });
});

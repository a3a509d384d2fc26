import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory.ts';
import { readStream } from './bucket.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const session = '11111111-2222-4333-8444-555555555555';
const address = { project: 'p', harness: 'claude-code', session, stream: 'main' };

async function world() {
  const folder = await temporaryFolder();
  const project = join(folder, 'home/.claude/projects/-w');
  await mkdir(project, { recursive: true });
  const runtime = testRuntime();
  return {
    store: memoryStore(runtime),
    home: join(folder, 'home'),
    stateFolder: join(folder, 'state'),
    runtime,
    file: join(project, `${session}.jsonl`),
  };
}

const line = (n: number) =>
  `${JSON.stringify({ type: 'user', uuid: `u${n}`, sessionId: session, message: { role: 'user', content: `turn ${n}` } })}\n`;

describe('mirrorOnce', () => {
  it('ships whole lines, then only what is new', async () => {
    const w = await world();
    await writeFile(w.file, line(1) + line(2) + line(3).slice(0, 20));
    await mirror(w);
    expect((await readStream(w.store, address)).heads.map((h) => h.text)).toEqual([line(1) + line(2)]);
    await writeFile(w.file, line(1) + line(2) + line(3));
    const events = await mirror(w);
    expect(events.filter((e) => e.event === 'failed')).toEqual([]);
    const { heads } = await readStream(w.store, address);
    expect(heads.map((h) => h.text)).toEqual([line(1) + line(2) + line(3)]);
    expect(heads[0]!.headers.map((h) => h.records)).toEqual([2, 1]);
  });

  it('opens an epoch when the source was rewritten, and closes the old one', async () => {
    const w = await world();
    await writeFile(w.file, line(1) + line(2));
    await mirror(w);
    await writeFile(w.file, line(9) + line(2));
    await mirror(w);
    const { epochs, heads } = await readStream(w.store, address);
    expect(epochs.map((e) => e.text)).toEqual([line(1) + line(2), line(9) + line(2)]);
    expect(heads.map((h) => h.epoch)).toEqual([1]);
  });
});

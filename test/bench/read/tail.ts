import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, openApp, prepareMirror } from '../../../src/app.ts';
import { mirrorOnce } from '../../../src/mirror/mirror.ts';
import { readEvents } from '../../../src/sessions/events.ts';
import { resolveSession } from '../../../src/sessions/resolve.ts';
import { readTail } from '../../../src/sessions/tail.ts';
import type { BucketStore } from '../../../src/store/types.ts';
import { transcript } from './parse.ts';

/** Mirrors a session of so many MiB into a folder, and reads its end and its events from there. */
export async function showTail(mib: number): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-read-'));
  try {
    const id = '00000000-0000-4000-8000-000000000001';
    await mkdir(join(home, '.claude/projects/p'), { recursive: true });
    await writeFile(join(home, `.claude/projects/p/${id}.jsonl`), transcript(mib << 20));
    const host: Host = {
      env: { HOME: home },
      home,
      cwd: home,
      machine: 'bench',
      login: 'bench',
      uid: undefined,
      platform: 'linux',
    };
    const app = await openApp({ bucket: `file://${join(home, 'bucket')}` }, host);
    await mkdir(join(home, 'bucket'), { recursive: true });
    for await (const _ of mirrorOnce(await prepareMirror(app, { all: true, redact: false }))) {
      /* to its end */
    }
    const { store, gets } = counted(app.store);
    const listing = await resolveSession(store, app.project, id);
    const [[stream, epochs] = []] = listing.streams;
    if (stream === undefined || epochs === undefined) throw new Error('nothing was mirrored');
    const parts = epochs[0]?.seqs.length ?? 0;
    const { lines } = await readTail(store, { ...listing.address, stream }, epochs, 10);
    const read = gets();
    const start = performance.now();
    let events = 0;
    const harness = app.harnesses.find(({ name }) => name === 'claude-code');
    for await (const _ of readEvents(store, listing, harness)) events++;
    const seconds = (performance.now() - start) / 1000;
    await app.close();
    return `a session of ${mib} MiB in ${parts} parts: its last ${lines.length} records in ${read} GETs; ${events} events from the bucket at ${((mib * 1.048576) / seconds).toFixed(0)} MB/s, RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function counted(store: BucketStore): { readonly store: BucketStore; gets(): number } {
  let gets = 0;
  const get: BucketStore['get'] = (...request) => {
    gets++;
    return store.get(...request);
  };
  return { store: { ...store, url: store.url, get, list: (...request) => store.list(...request) }, gets: () => gets };
}

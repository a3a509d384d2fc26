import type { App } from './app.ts';
import { listMarks, type SessionMarks } from './coordination/marks.ts';
import { slotCache } from './coordination/slot-cache.ts';
import { slotSpace } from './store/slots.ts';

/** What people say of sessions, by `harness/session`. Registers nobody. @throws CairnError of the store */
export async function marksOfSessions({
  store,
  runtime,
  project,
  config,
}: App): Promise<ReadonlyMap<string, SessionMarks>> {
  const cache = slotCache(config.folders.state, { url: store.url, project, runtime });
  const space = slotSpace({ store, runtime, project, ordered: false, verify: 'stale', cache });
  const found = new Map<string, SessionMarks>();
  for await (const marks of listMarks(space)) found.set(`${marks.harness}/${marks.session}`, marks);
  return found;
}

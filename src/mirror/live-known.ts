import type { SessionRef } from '../harness/types.ts';
import type { MirrorRun } from './mirror.ts';
import { type Found, isForAll } from './scope.ts';
import type { SessionRecord } from './state-folder.ts';

/** What an earlier process left of each session, until the session is first found. */
export class KnownSessions {
  readonly #run: MirrorRun;
  readonly #records = new Map<string, SessionRecord>();

  constructor(run: MirrorRun) {
    this.#run = run;
  }

  async read(): Promise<void> {
    for (const { name } of this.#run.scope.harnesses) {
      for await (const record of this.#run.state.sessions(name)) {
        const { state, summary } = record.meta ?? {};
        // Of ten thousand sessions, what is needed of their meta, not the whole.
        const slim = state !== 'gone' && !summary?.lineage?.length ? { ...record, meta: undefined } : record;
        this.#records.set(`${name}/${record.session}`, slim);
      }
    }
  }

  cwdOf(harness: string, session: string): string | undefined {
    return this.#records.get(`${harness}/${session}`)?.cwd;
  }

  /** The record of a session that was found. */
  take(id: string): SessionRecord | undefined {
    const record = this.#records.get(id);
    this.#records.delete(id);
    return record;
  }

  /** Sessions that were not found although their folders are there; nothing is known after that. */
  async takeGone(): Promise<Found[]> {
    const gone: Found[] = [];
    const { scope, exists } = this.#run;
    const allows = scope.consent?.();
    for (const record of isForAll(scope) ? this.#records.values() : []) {
      const harness = scope.harnesses.find(({ name }) => name === record.harness);
      if (!harness || record.deleted || record.meta?.state === 'gone' || !(await exists(record.root))) continue;
      if (!(await (allows?.(record.cwd).catch(() => false) ?? true))) continue;
      const lineage = record.meta?.summary.lineage ?? [];
      const ref: SessionRef = { harness: harness.name, id: record.session, modified: 0, streams: [], lineage };
      gone.push({ harness, root: record.root, ref });
    }
    this.#records.clear();
    return gone;
  }
}

import PQueue from 'p-queue';
import { CairnError } from '../errors.ts';
import { updateCatalog } from './catalog.ts';
import type { CatalogLine } from './meta.ts';
import type { MirrorRun } from './mirror.ts';

const CATALOG_MS = 5000;

/** Gathers the catalog's lines of a live mirror, and brings them into the bucket now and then. */
export class LiveCatalog {
  readonly #run: MirrorRun;
  readonly #everyMs: number;
  /** One at a time, or two could write each other's lines away. */
  readonly #writes = new PQueue({ concurrency: 1 });
  readonly #damaged: (cause: CairnError) => void;
  #lines: CatalogLine[] = [];
  #at = Number.NEGATIVE_INFINITY;
  /** What was said of damage last. */
  #said: string | undefined;

  /** @param damaged it can be read neither here nor in the bucket: told once, and no session waits for it */
  constructor(run: MirrorRun, intervalMs: number, damaged: (cause: CairnError) => void) {
    this.#run = run;
    this.#damaged = damaged;
    this.#everyMs = Math.max(intervalMs, CATALOG_MS);
  }

  add(line: CatalogLine): void {
    this.#lines.push(line);
  }

  /** True: the bucket has it. @throws as `updateCatalog` does; what was to be written is kept for the next time */
  write(atOnce: boolean): Promise<boolean> {
    return this.#writes.add(async () => {
      const { runtime, store, project, state } = this.#run;
      const now = runtime.monotonic();
      if (!atOnce && now - this.#at < this.#everyMs) return false;
      this.#at = now;
      const lines = this.#lines;
      this.#lines = [];
      try {
        return await updateCatalog(store, project, state, runtime, lines);
      } catch (cause) {
        this.#lines = [...lines, ...this.#lines];
        if (!(cause instanceof CairnError && cause.code === 'corrupt')) throw cause;
        if (this.#said !== cause.message) this.#damaged(cause);
        this.#said = cause.message;
        return false;
      }
    });
  }
}

import { availableParallelism } from 'node:os';
import type { Preparers } from './mirror/preparer.ts';
import type { RedactorChoice } from './redact/open.ts';

/** A thread takes a quarter of a second to start and to become fast: less is done sooner without. */
const THREAD_BYTES = 16 << 20;

/** By what records are prepared. Plain data: it is handed to a thread. */
export interface PreparersData {
  readonly redaction: RedactorChoice;
  /** gzip level, 0 to 9. */
  readonly compress: number;
  /** Modules of harnesses that the configuration names. */
  readonly external: readonly string[];
}

/**
 * How the records of a run are prepared, by the bytes that are expected: a backlog on a thread beside this one,
 * which then has time to read and to store. Rules are loaded with the first.
 */
export function choosePreparers(data: PreparersData): (bytes: number) => Promise<Preparers> {
  let here: Promise<Preparers> | undefined;
  let beside: Promise<Preparers> | undefined;
  return (bytes) => {
    here ??= inlinePreparers(data);
    if (bytes < THREAD_BYTES || availableParallelism() === 1) return here;
    beside ??= here.then(async (inline) => {
      const { preparerThread } = await import('./mirror/prepare-thread.ts');
      return { ...inline, open: preparerThread(new URL('./prepare-worker.js', import.meta.url), data) };
    });
    return beside;
  };
}

/** On the thread that calls. */
export async function inlinePreparers({ redaction, compress }: PreparersData): Promise<Preparers> {
  const { openRedactor } = await import('./redact/open.ts');
  const { inlinePreparer } = await import('./mirror/preparer.ts');
  return {
    redactor: openRedactor(redaction).id,
    open: (harness, remembered) =>
      inlinePreparer(harness, openRedactor(redaction === 'none' ? redaction : { ...redaction, remembered }), compress),
  };
}

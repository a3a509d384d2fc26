import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import type { Redactor } from '../redact/types.ts';
import type { Runtime } from '../runtime.ts';
import { replaceState } from './durable-file.ts';
import { redactLines } from './scan-catalog.ts';
import type { ProjectState } from './state-folder.ts';

/**
 * Takes what was found in sessions out of what this host remembers of them: the lines of its catalog, which would go
 * to the bucket again, and their summaries, which are made anew from what is there.
 * @param ids `harness/session`
 */
export async function forgetTitles(
  state: ProjectState,
  runtime: Runtime,
  ids: ReadonlySet<string>,
  redactor: Redactor,
): Promise<void> {
  const replace = (path: string, text: string) => replaceState(path, text, `${path}.${runtime.id()}`);
  const wants = ({ harness, session }: { readonly harness: string; readonly session: string }) =>
    ids.has(`${harness}/${session}`);
  const unlock = await state.lock('catalog');
  try {
    for (const name of ['base.jsonl', 'recent.jsonl']) {
      const path = join(state.catalogFolder, name);
      const before = await readFile(path, 'utf8').catch(() => '');
      const { text, found } = redactLines(redactor, before, wants);
      if (found.size > 0) await replace(path, text);
    }
  } finally {
    await unlock();
  }
  for (const id of ids) {
    const slash = id.indexOf('/');
    const local = state.session(id.slice(0, slash), id.slice(slash + 1));
    const unlockSession = await unlessHeld(local.lock());
    if (!unlockSession) continue;
    try {
      const record = await local.read();
      if (!record) continue;
      await local.write({ ...record, quiet: undefined, meta: undefined });
      for (const name of record.streams) {
        const stream = await local.readStream(name);
        if (stream?.summary) await local.writeStream(name, { ...stream, summary: undefined });
      }
    } finally {
      await unlockSession();
    }
  }
}

/** A mirror that is at work on a session meets the end of the old epoch, and reads the new one. */
async function unlessHeld<T>(lock: Promise<T>): Promise<T | undefined> {
  try {
    return await lock;
  } catch (error) {
    if (error instanceof CairnError && error.code === 'held') return undefined;
    throw error;
  }
}

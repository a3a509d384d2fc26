import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CairnError } from '../errors.ts';
import { readEvents } from '../export/import.ts';
import type { TrajectoryHead } from '../export/jsonl.ts';
import { headOf, stringField } from '../harness/index.ts';
import { encodeName } from '../store/keys.ts';

/** Of a session that nothing else names: its events come from a program that Cairn does not know. */
const outside = 'external';

/**
 * The folder in `root` of an imported session, to write behind its events; it is made when it is not there.
 * @param inBucket whether the bucket has it
 * @throws CairnError `exists` for a session of another host, `ambiguous` for the beginning of an id
 */
export async function appendFolder(
  root: string,
  session: string,
  inBucket: (session: string) => Promise<boolean>,
): Promise<string> {
  let longer: string | undefined;
  for (const name of existsSync(root) ? readdirSync(root) : []) {
    const known = await sessionIn(join(root, name));
    if (known === session) return join(root, name);
    if (known?.startsWith(session)) longer = known;
  }
  if (longer !== undefined) {
    throw new CairnError('ambiguous', `expected the whole id of a session, got the beginning of ${longer}`, {
      hint: 'give all of it, or another one for a session of its own',
    });
  }
  if (await inBucket(session)) {
    throw new CairnError('exists', `expected imported/${session} on this host, found it in the bucket alone`, {
      hint: 'append to it on the host that imported it, or choose another id',
    });
  }
  const folder = join(root, encodeName(`${outside} ${session}`));
  mkdirSync(join(folder, 'files'), { recursive: true, mode: 0o700 });
  const head: TrajectoryHead = { cairn: 'trajectory', v: 1, harness: outside, session, streams: ['main'] };
  writeFileSync(join(folder, 'main.jsonl'), `${JSON.stringify(head)}\n`, { mode: 0o600 });
  return folder;
}

/** The session that a folder is of, as the first line of its transcript says. */
async function sessionIn(folder: string): Promise<string | undefined> {
  const path = join(folder, 'main.jsonl');
  if (!existsSync(path)) return undefined;
  for await (const record of headOf(path)) return stringField(record, 'session');
  return undefined;
}

/**
 * Writes events as they come: a mirror that watches ships them meanwhile. `onEvent` is told after each.
 * @throws CairnError `usage` for a line that is no event; those before it stay
 */
export async function appendEvents(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  onEvent: () => void,
): Promise<void> {
  for await (const { stream, line } of readEvents(bytes, file)) {
    appendFileSync(join(folder, `${encodeURIComponent(stream)}.jsonl`), `${line}\n`, { mode: 0o600 });
    onEvent();
  }
}

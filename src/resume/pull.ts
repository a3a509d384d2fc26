import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchHeader } from '../mirror/epochs.ts';
import type { SessionListing } from '../sessions/listing.ts';
import { chooseEpoch, readParts } from '../sessions/reader.ts';
import { encodeName } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** A session as it was copied. */
export interface Pulled {
  readonly folder: string;
  /** Streams that were written, and those that were there already as they are in the bucket. */
  readonly written: number;
  readonly same: number;
}

/**
 * Copies a session below `target` for reading, one file a stream: `<harness>/<session>/<stream>.jsonl`. A stream that
 * has nothing new is not read again. An agent's own folders are not touched.
 * @throws CairnError `corrupt`, and of the store
 */
export async function pullSession(
  store: BucketStore,
  { address, streams }: SessionListing,
  target: string,
  options: RequestOptions = {},
): Promise<Pulled> {
  const folder = join(target, encodeName(address.harness), encodeName(address.session));
  await mkdir(folder, { recursive: true });
  const index = join(folder, '.chains.json');
  const known = await readChains(index);
  const chains: Record<string, string> = {};
  let written = 0;
  for (const [stream, epochs] of streams) {
    const at = { ...address, stream };
    const { run } = await chooseEpoch(store, at, epochs);
    const end = run.at(-1);
    const last = end && (await fetchHeader(store, { ...at, epoch: end.epoch, seq: end.through }, options));
    if (!last) continue;
    chains[stream] = last.chain;
    if (known[stream] === last.chain) continue;
    const path = join(folder, `${encodeName(stream)}.jsonl`);
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w');
      try {
        for await (const { lines } of readParts(store, at, run, options)) if (lines) await file.writeFile(lines);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    written++;
  }
  await writeFile(index, `${JSON.stringify(chains)}\n`);
  return { folder, written, same: Object.keys(chains).length - written };
}

async function readChains(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return {}; // none, or half of one: the streams are read again
  }
}

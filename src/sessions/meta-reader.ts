import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import { metaSchema, type SessionMeta } from '../mirror/meta.ts';
import { metaKey, type SessionAddress } from '../store/keys.ts';
import type { BucketStore, RequestOptions } from '../store/types.ts';

/** Its texts and lists are bounded: whatever is larger was not written by Cairn. */
const META_BYTES = 4 << 20;

/** Meta of a session; nothing when it has none. @throws CairnError `corrupt`, `newer-format`, and of the store */
export async function readMeta(
  store: BucketStore,
  address: SessionAddress,
  options?: RequestOptions,
): Promise<SessionMeta | undefined> {
  const key = metaKey(address);
  const object = await store.get(key, options);
  if (!object) return undefined;
  if (object.size > META_BYTES) {
    object.close();
    throw corrupt(key, `${object.size} bytes`);
  }
  const value = parse(await object.bytes());
  const version = (value as { v?: unknown } | null | undefined)?.v;
  if (typeof version === 'number' && version > 1) {
    throw new CairnError('newer-format', `expected format version 1 in ${key}, got ${version}`, {
      hint: 'update cairn on this host',
    });
  }
  const parsed = v.safeParse(metaSchema, value);
  if (!parsed.success) throw corrupt(key, parsed.issues[0].message);
  const { harness, session } = parsed.output;
  if (harness !== address.harness || session !== address.session) throw corrupt(key, `that of ${harness}/${session}`);
  return parsed.output;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined; // the schema says what is wrong
  }
}

function corrupt(key: string, got: string): CairnError {
  return new CairnError('corrupt', `expected a session's meta at ${key}, got ${got}`, {
    hint: 'run `cairn session list --rebuild`: it is made again from the parts',
  });
}

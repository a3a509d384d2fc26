import * as v from 'valibot';
import { storeInfoKey } from './keys.ts';
import type { BucketStore, RequestOptions } from './types.ts';

const INFO_BYTES = 65_536;

const schema = v.looseObject({
  cairn: v.literal('store'),
  v: v.literal(1),
  /** Whether all that coordination needs was seen to hold. */
  fit: v.boolean(),
  /** Tests of the probe that failed. */
  failed: v.array(v.string()),
  at: v.string(),
});

/** What the last probe of the store found: a hint for the hosts that did not probe. */
export type StoreInfo = Readonly<v.InferOutput<typeof schema>>;

/** Nothing where no probe was made, or its result cannot be understood. */
export async function readStoreInfo(
  store: BucketStore,
  project: string,
  options?: RequestOptions,
): Promise<StoreInfo | undefined> {
  const object = await store.get(storeInfoKey(project), options);
  if (!object) return undefined;
  if (object.size > INFO_BYTES) {
    object.close();
    return undefined;
  }
  try {
    const parsed = v.safeParse(schema, JSON.parse(Buffer.from(await object.bytes()).toString('utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeStoreInfo(
  store: BucketStore,
  project: string,
  info: Omit<StoreInfo, 'cairn' | 'v'>,
): Promise<void> {
  const { fit, failed, at } = info;
  const body = JSON.stringify({ cairn: 'store', v: 1, fit, failed, at });
  await store.overwrite(storeInfoKey(project), Buffer.from(`${body}\n`));
}

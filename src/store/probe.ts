import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type CheckName, checks, type Finding } from './probe-checks.ts';
import type { BucketStore, CreateAnswer, Payload } from './types.ts';

/** One thing that a store should do, and whether it did. */
export interface ProbeCheck extends Finding {
  readonly name: CheckName;
}

/** What was found. It shows faults, not their absence: a store may be atomic alone and not behind two gateways. */
export interface ProbeReport {
  readonly checks: readonly ProbeCheck[];
  /** `unfit`: create-once does not hold here, or what is read is not what was written. */
  readonly verdict: 'fit' | 'unfit';
  /** Lists come in byte order, so the newest slot is the first key. */
  readonly ordered: boolean;
  /** `Date` and `Last-Modified` come from one clock. */
  readonly clock: boolean;
}

/**
 * Tries what the protocol rests on, with about 170 requests on live objects under `prefix`, which it
 * removes again.
 * @throws CairnError `unavailable` where an answer stayed unclear; `denied`, `not-found`
 */
export async function probeStore(store: BucketStore, prefix: string, runtime: Runtime): Promise<ProbeReport> {
  const used = new Set<string>();
  const scratch = {
    store,
    prefix,
    async create(key: string, payload: Payload): Promise<CreateAnswer> {
      used.add(key);
      return await store.create(key, payload);
    },
    bytes: (length: number) => Uint8Array.from({ length }, () => Math.floor(runtime.random() * 256)),
  };
  const found: (ProbeCheck & { readonly required: boolean })[] = [];
  try {
    for (const { name, required, run } of checks) {
      found.push({ name, required, ...(await run(scratch).catch(refused)) });
    }
  } finally {
    for (const key of used) await store.remove(key);
  }
  const isOk = (name: CheckName) => found.some((check) => check.name === name && check.ok);
  return {
    checks: found.map(({ name, ok, detail }) => ({ name, ok, detail })),
    verdict: found.every(({ ok, required }) => ok || !required) ? 'fit' : 'unfit',
    ordered: isOk('order'),
    clock: isOk('clock'),
  };
}

/** What the store cannot do is a finding; any other failure ends the probe. */
function refused(error: unknown): Finding {
  if (error instanceof CairnError && error.code === 'unfit') return { ok: false, detail: error.message };
  throw error;
}

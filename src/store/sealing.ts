import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { findFormat } from './format.ts';
import { createSeal, type Seal } from './seal.ts';
import type { BucketStore } from './types.ts';

/** After so long the keys are asked for again: a member may have been removed. */
const freshMs = 600_000;

/** Whether a project is encrypted, and by what. @param fresh its keys may have changed */
export type Sealing = (fresh?: boolean) => Promise<Seal | undefined>;

export interface SealingOptions {
  readonly store: BucketStore;
  readonly project: string;
  readonly runtime: Runtime;
  readonly agent: string;
  /** What this host knows already; `undefined` where the bucket has to be asked. */
  encrypted(): Promise<boolean | undefined>;
  /** The bucket was asked. */
  learned(encrypted: boolean): Promise<void>;
  /** Of the user; `undefined` where there are none. */
  identities(): Promise<readonly string[] | undefined>;
}

/**
 * Whether the project is encrypted, and by what: one GET, where the host does not know it, and two requests for the
 * keys of an encrypted one. Without an identity what is asked for can be written and not read.
 */
export function projectSealing(options: SealingOptions): Sealing {
  const { runtime } = options;
  let known: { readonly seal: Promise<Seal | undefined>; readonly at: number } | undefined;
  return (fresh = false) => {
    if (!known || fresh || runtime.monotonic() - known.at > freshMs) {
      const seal = resolve(options);
      known = { seal, at: runtime.monotonic() };
      seal.catch(() => {
        known = undefined;
      });
    }
    return known.seal;
  };
}

async function resolve({ store, project, runtime, agent, ...host }: SealingOptions): Promise<Seal | undefined> {
  let encrypted = await host.encrypted();
  if (encrypted === undefined) {
    encrypted = (await findFormat(store, project))?.encrypted;
    if (encrypted !== undefined) await host.learned(encrypted);
  }
  if (!encrypted) return undefined;
  // Costs time to load, and most projects have no keys.
  const { KeyRegister, unwrap } = await import('./project-keys.ts');
  const keys = await new KeyRegister({ store, project, runtime, agent }).read();
  let opened: Promise<readonly string[]> | undefined;
  return createSeal(keys.recipient, () => {
    opened ??= host.identities().then((identities) => {
      if (identities) return unwrap(keys, identities);
      throw new CairnError('denied', `expected an identity for the encrypted project ${project}, found none`, {
        hint: 'name its file by CAIRN_IDENTITY; or make one with `cairn member key` and have a member add it',
      });
    });
    return opened;
  });
}

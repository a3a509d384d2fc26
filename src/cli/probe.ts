import type { App } from '../app.ts';
import { probePrefix } from '../store/keys.ts';
import { probeStore } from '../store/probe.ts';

/** What a probe of the store came to. */
export interface Probed {
  readonly fit: boolean;
  /** Tests that failed, and what was seen; those that cost speed only do not make it unfit. */
  readonly failed: readonly string[];
}

/** Tries on the store what mirroring and coordination need. @throws CairnError of the store */
export async function probe(app: App): Promise<Probed> {
  const { store, project, runtime } = app;
  const { checks, verdict } = await probeStore(store, probePrefix(project, runtime.id()), runtime);
  return {
    fit: verdict === 'fit',
    failed: checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name} (${detail})`),
  };
}

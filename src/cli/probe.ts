import type { App } from '../app.ts';
import { formatKey, probePrefix, projectPrefix } from '../store/keys.ts';
import { isPublic } from '../store/open.ts';
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

/** Whether the project can be read by anyone at all. */
export function isOpenToAll(app: App): Promise<boolean> {
  const { config, host, project, runtime } = app;
  const options = { env: host.env, runtime };
  return isPublic(config.values.bucket, options, { prefix: projectPrefix(project), key: formatKey(project) });
}

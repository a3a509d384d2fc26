import type { App } from '../app.ts';
import type { SessionAddress } from '../store/keys.ts';

/** The session that is named, or every one in the bucket. @throws CairnError `not-found`, `ambiguous`, and of the store */
export async function chosenSessions(
  app: App,
  id: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<SessionAddress> | readonly SessionAddress[]> {
  if (id === undefined) {
    const { storedSessions } = await import('../sessions/inventory.ts');
    return storedSessions(app.store, app.project, { signal });
  }
  const { resolveSession } = await import('../sessions/resolve.ts');
  return [(await resolveSession(app.store, app.project, id, { signal })).address];
}

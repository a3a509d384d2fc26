import { type Host, harnessOf, openApp, prepareMirror, projectKeyOf, thisHost } from './app.ts';
import { marksOfSessions } from './app-marks.ts';
import type { SettingSource } from './config/settings.ts';
import type { SessionStore } from './session-store/types.ts';

export type { SessionKey, SessionStore, SessionStoreEntry } from './session-store/types.ts';

/** Lists say what is new this often. */
const REFRESH_MS = 60_000;

/** A store for the Claude Agent SDK that has to be closed. */
export interface OpenSessionStore extends SessionStore {
  /** Brings lists up to date and ends connections; what was appended is safe without it. */
  close(): Promise<void>;
}

/**
 * Opens the bucket and project that are set as a `sessionStore` for the Claude Agent SDK. What it writes is redacted
 * like anything that is mirrored, and is there for `cairn session list`, `show`, `search` and `resume`.
 * @throws CairnError `config`, `unfit`, `denied`
 */
export async function openSessionStore(
  options: SettingSource['values'] = {},
  host: Host = thisHost(),
): Promise<OpenSessionStore> {
  const app = await openApp(options, host);
  const { sessionStore } = await import('./session-store/store.ts');
  const run = await prepareMirror(app, { all: true });
  const { redactor, open: preparer } = await run.preparers(0);
  const store = sessionStore({
    context: { ...run, redactor, preparer, report() {} },
    harness: harnessOf(app, 'claude-code'),
    projectKeyOf: (cwd) => projectKeyOf(cwd.replace(/^~(?=$|\/)/, () => host.home)),
    async deleted() {
      const marks = await marksOfSessions(app);
      return new Set([...marks].filter(([, { deleted }]) => deleted).map(([name]) => name));
    },
  });
  const timer = setInterval(() => store.refresh().catch(() => {}), REFRESH_MS).unref();
  return {
    ...store,
    async close() {
      clearInterval(timer);
      await store.refresh(true);
      await app.close();
    },
  };
}

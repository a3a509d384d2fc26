/**
 * The store that the Claude Agent SDK writes its sessions to and resumes them from, as
 * `@anthropic-ai/claude-agent-sdk` 0.3.332 declares it. Written down here, so that nothing depends on that package.
 */
export interface SessionStore {
  /**
   * Adds entries behind those that are there; durable when it returns. An entry whose `uuid` is there already is
   * passed over, one without is always added.
   * @throws CairnError of the store; what was added stays, and the same call again adds the rest
   */
  append(key: SessionKey, entries: readonly SessionStoreEntry[]): Promise<void>;
  /** All entries in their order; `null` where nothing was ever written. @throws CairnError `corrupt`, and of the store */
  load(key: SessionKey): Promise<SessionStoreEntry[] | null>;
  /** Sessions of a project; `mtime` is the time of the newest part, in milliseconds since 1970. */
  listSessions(projectKey: string): Promise<{ sessionId: string; mtime: number }[]>;
  /** Removes a session with all its subpaths, or one subpath, for good. */
  delete(key: SessionKey): Promise<void>;
  /** Subpaths that hold something. */
  listSubkeys(key: Omit<SessionKey, 'subpath'>): Promise<string[]>;
}

/** Which transcript. */
export interface SessionKey {
  /** The SDK's name for a working directory. */
  readonly projectKey: string;
  readonly sessionId: string;
  /** Absent: the main transcript. `subagents/agent-<id>` and the like otherwise. */
  readonly subpath?: string;
}

/** One line of a transcript. */
export interface SessionStoreEntry {
  readonly type: string;
  readonly uuid?: string;
  readonly [field: string]: unknown;
}

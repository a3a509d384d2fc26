import { linesOfPieces } from '../harness/index.ts';
import { updateCatalog } from '../mirror/catalog.ts';
import type { CatalogLine } from '../mirror/meta.ts';
import { readCatalog } from '../sessions/catalog.ts';
import { deleteSession, deleteStream } from '../sessions/deletion.ts';
import type { SessionListing } from '../sessions/listing.ts';
import { chooseEpoch, readParts } from '../sessions/reader.ts';
import { idOf, projectMark, streamOf, subpathOf } from './names.ts';
import { locate, type Writing, WrittenSession } from './session.ts';
import type { SessionKey, SessionStore, SessionStoreEntry } from './types.ts';

/** What the adapter is put together from. */
export interface SessionStoreParts extends Writing {
  /** The SDK's name for the folder that a session of the mirror worked in, as the catalog has it. */
  projectKeyOf(cwd: string): string;
  /** `harness/session` of those that people deleted. */
  deleted(): Promise<ReadonlySet<string>>;
}

/** The store, and what the SDK does not ask for. */
export interface CairnSessionStore extends SessionStore {
  /** Brings the lists of sessions up to date where a minute has passed; `atOnce`: all of them. */
  refresh(atOnce?: boolean): Promise<void>;
}

/** Sessions of the SDK in a bucket, as sessions of claude-code like those that the mirror ships. */
export function sessionStore(parts: SessionStoreParts): CairnSessionStore {
  const { context: c, harness } = parts;
  const written = new Map<string, Promise<WrittenSession>>();
  const nameOf = ({ projectKey, sessionId }: SessionKey) => JSON.stringify([projectKey, sessionId]);
  const find = (key: SessionKey) => locate(c, harness.name, key);

  function session(key: SessionKey): Promise<WrittenSession> {
    const name = nameOf(key);
    const known = written.get(name);
    if (known) return known;
    const opening = WrittenSession.open(parts, key);
    written.set(name, opening);
    opening.catch(() => written.delete(name)); // the next call tries again
    return opening;
  }

  async function linesOf(projectKey: string): Promise<CatalogLine[]> {
    const mark = projectMark(projectKey);
    const [{ lines }, deleted] = await Promise.all([readCatalog(c.store, c.project), parts.deleted()]);
    return lines.filter(
      (line) =>
        line.harness === harness.name &&
        !deleted.has(`${line.harness}/${line.session}`) &&
        (line.sdkProject === undefined
          ? line.cwd !== undefined && parts.projectKeyOf(line.cwd) === projectKey
          : line.sdkProject === mark),
    );
  }

  return {
    async append(key, entries) {
      if (entries.length > 0) await (await session(key)).append(key, entries);
    },

    async load(key) {
      const listing = await find(key);
      const stream = streamOf(key);
      if (!isWritten(listing, stream)) return null;
      const address = { ...listing.address, stream };
      const { run } = await chooseEpoch(c.store, address, listing.streams.get(stream) ?? []);
      const entries: SessionStoreEntry[] = [];
      async function* pieces() {
        for await (const { lines } of readParts(c.store, address, run)) if (lines) yield lines;
      }
      for await (const line of linesOfPieces(pieces())) {
        const entry = entryOf(line);
        if (entry) entries.push(entry);
      }
      return entries;
    },

    async listSessions(projectKey) {
      const mark = projectMark(projectKey);
      return (await linesOf(projectKey)).map(({ session: name, sdkProject, updatedAt }) => ({
        sessionId: idOf(name, sdkProject === undefined ? undefined : mark),
        mtime: Date.parse(updatedAt) || 0,
      }));
    },

    async delete(key) {
      const { address, streams } = await find(key);
      const stream = key.subpath === undefined ? undefined : streamOf(key);
      if (streams.size === 0 || (stream !== undefined && !streams.has(stream))) return;
      // A later append reads what is left.
      written.delete(nameOf(key));
      if (stream !== undefined) {
        await deleteStream(c, address, stream);
        return;
      }
      await deleteSession(c, address);
      const line = (await linesOf(key.projectKey)).find((known) => known.session === address.session);
      if (!line) return;
      const gone = { ...line, state: 'pruned' as const, updatedAt: new Date(c.runtime.now()).toISOString() };
      await updateCatalog(c.store, c.project, c.state, c.runtime, [gone], true);
    },

    async listSubkeys(key) {
      const listing = await find(key);
      return [...listing.streams.keys()].flatMap((stream) =>
        isWritten(listing, stream) ? (subpathOf(stream) ?? []) : [],
      );
    },

    async refresh(atOnce = false) {
      const failed: unknown[] = [];
      for (const [name, opening] of written) {
        try {
          const opened = await opening;
          await opened.refresh(atOnce);
          if (opened.isIdle()) written.delete(name);
        } catch (error) {
          failed.push(error); // the others are told all the same
        }
      }
      if (failed.length > 0) throw failed[0];
    },
  };
}

/** What an agent tore or spliced on its disk is no entry; however large one is, it is read. */
function entryOf(line: Uint8Array): SessionStoreEntry | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
    return typeof (value as SessionStoreEntry | null)?.type === 'string' ? (value as SessionStoreEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a transcript that was deleted only its end is left. */
function isWritten({ streams }: SessionListing, stream: string): boolean {
  return streams.get(stream)?.some(({ seqs }) => seqs[0] === 0) === true;
}

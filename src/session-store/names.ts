import { createHash } from 'node:crypto';
import type { SessionKey } from './types.ts';

const subagent = /^subagents\/(agent-[^/]+)$/;
const other = 'subpath-';

/** The stream of a transcript: sub-agents are called as the mirror calls them. */
export function streamOf({ subpath }: SessionKey): string {
  if (subpath === undefined) return 'main';
  return subagent.exec(subpath)?.[1] ?? `${other}${subpath}`;
}

/** The subpath that a stream was written under; nothing for the main one and for what only the mirror writes. */
export function subpathOf(stream: string): string | undefined {
  if (stream.startsWith(other)) return stream.slice(other.length);
  return stream.startsWith('agent-') ? `subagents/${stream}` : undefined;
}

/**
 * What a bucket says of a project key: 16 hexadecimal digits of its SHA-256. The key itself is made of a path, and
 * that holds a user's name.
 */
export function projectMark(projectKey: string): string {
  return createHash('sha256').update(projectKey).digest('hex').slice(0, 16);
}

/**
 * What a session may be called in the bucket, in order: its own id, and where another project has a session of that
 * id, a name that only this one gives.
 */
export function namesOf({ projectKey, sessionId }: SessionKey): readonly [string, string] {
  return [sessionId, `${sessionId}.${projectMark(projectKey)}`];
}

/** The id by which the SDK knows a session of the bucket. */
export function idOf(session: string, mark: string | undefined): string {
  const suffix = `.${mark}`;
  return mark !== undefined && session.endsWith(suffix) ? session.slice(0, -suffix.length) : session;
}

import type { Harness } from './types.ts';

/** A sign that a format may have changed since it was looked at. Mirroring goes on: records are kept byte for byte. */
export interface Drift {
  readonly kind: 'version' | 'schema' | 'records';
  /** What was seen, and what was expected. */
  readonly found: string;
  /** What to do. */
  readonly hint: string;
}

/** From so many records on a share of them says something. */
const enough = 20;
const unknownShare = 0.05;
const update = 'records are kept byte for byte, titles and counts may be off: look for an update of cairn';

/** What of a session, by its summary, the harness was not built on. */
export function drift(
  session: {
    readonly agentVersion?: string | undefined;
    readonly schema?: string | undefined;
    readonly records: number;
    readonly unknown: number;
  },
  harness: Pick<Harness, 'title' | 'seen' | 'schemas'>,
): readonly Drift[] {
  const { agentVersion, schema, records, unknown } = session;
  const { title, seen, schemas = [] } = harness;
  const found: Drift[] = [];
  const newest = [...seen].sort(byNumber).at(-1);
  if (agentVersion !== undefined && newest !== undefined && byNumber(agentVersion, newest) > 0) {
    found.push({ kind: 'version', found: `${title} ${agentVersion} is newer than ${newest}`, hint: update });
  }
  if (schema !== undefined && schemas.length > 0 && !schemas.includes(schema)) {
    const expected = `expected schema ${schemas.join(' or ')} of ${title}, got ${schema}`;
    found.push({ kind: 'schema', found: expected, hint: update });
  }
  if (records >= enough && unknown / records > unknownShare) {
    const share = `${unknown} of ${records} records of a session of ${title} are of no known type`;
    found.push({ kind: 'records', found: share, hint: update });
  }
  return found;
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import type { Run, SearchSession } from './document.ts';
import { segmentVersion } from './segment-writer.ts';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNone = (value: unknown) => value === undefined || isText(value);

const count = v.custom<number>(isCount);

// One test for each of many small objects: taken apart and put together again they would take half of the time.
const headSchema = v.looseObject({
  cairn: v.literal('segment'),
  v: v.literal(segmentVersion),
  documents: count,
  tokens: count,
  textBytes: count,
  tools: v.array(v.string()),
  sessions: v.array(
    v.custom<SearchSession>((value) => {
      const { harness, session, updatedAt, host, title, repository, cwd } = Object(value);
      return [harness, session, updatedAt, host].every(isText) && [title, repository, cwd].every(isTextOrNone);
    }),
  ),
  runs: v.array(
    v.custom<Run>((value) => {
      const { session, stream, head, epoch, first, count: documents, from, events, parts } = Object(value);
      return (
        isText(stream) &&
        [session, head, epoch, first, documents, from, events].every(isCount) &&
        Array.isArray(parts) &&
        parts.every(isCount)
      );
    }),
  ),
  blocks: v.array(
    v.custom<readonly [first: string, terms: number, postings: number]>((value) => {
      const [first, terms, postings] = Array.isArray(value) ? value : [];
      return isText(first) && isCount(terms) && isCount(postings);
    }),
  ),
});

/** What stands in front of a segment's columns. */
export type SegmentHead = v.InferOutput<typeof headSchema>;

/** `undefined` for a segment of an older format. @param tail where blocks end @throws CairnError `corrupt`, `newer-format` */
export function parseHead(line: Uint8Array, id: string, tail: number): SegmentHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch (cause) {
    throw corrupt(id, 'its tail is no JSON', cause);
  }
  const version = (value as { v?: unknown } | null)?.v;
  if (typeof version === 'number' && version < segmentVersion) return undefined;
  if (typeof version === 'number' && version > segmentVersion) {
    throw new CairnError(
      'newer-format',
      `index segment ${id} has format version ${version}, this program reads ${segmentVersion}`,
      { hint: 'update cairn on this host' },
    );
  }
  const parsed = v.safeParse(headSchema, value);
  if (!parsed.success) throw corrupt(id, parsed.issues[0].message);
  const { documents, runs, sessions, blocks } = parsed.output;
  const inside = runs.every((run) => run.session < sessions.length && run.first + run.count <= documents);
  // Each document is in one run: a merge takes room for the documents of all runs.
  const inRuns = runs.reduce((sum, { count }) => sum + count, 0);
  if (!inside || inRuns > documents || documents > 2 ** 31) throw corrupt(id, 'its runs lie outside of it');
  const inBlocks = blocks.reduce((sum, [, terms, postings]) => sum + terms + postings, 0);
  if (inBlocks !== tail) throw corrupt(id, 'its blocks do not end at its tail');
  return parsed.output;
}

/** What is damaged is made again. */
export function corrupt(id: string, what: string, cause?: unknown): CairnError {
  return new CairnError('corrupt', `expected an index segment ${id}, but ${what}`, {
    cause,
    hint: 'make the index again: `cairn index --rebuild`',
  });
}

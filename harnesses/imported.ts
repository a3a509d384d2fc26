import { basename, join } from 'node:path';
import {
  counted,
  type DiscoverOptions,
  type EventBody,
  entriesOf,
  field,
  fileRef,
  filesBelow,
  fileTailHarness,
  headOf,
  type Json,
  type Payload,
  type Projection,
  type RecordFacts,
  type RecordView,
  type SessionSummary,
  Sessions,
  type SourceRecord,
  seen,
  stringField,
  titled,
  unknownBody,
  withModel,
} from '../src/harness/index.ts';

const name = 'imported';

/**
 * Sessions that `cairn session import` took from a file of events, as `session export --format jsonl` writes it (version
 * 1): a folder each, `main.jsonl` with a line that names the session and then events, other streams beside it under
 * their names as in a URL, and `files/<sha256>` for what events refer to.
 */
export const imported = fileTailHarness({
  name,
  title: 'Imported',
  seen: [],
  roots: ({ env, home }) => [join(env.XDG_DATA_HOME || join(home, '.local/share'), 'cairn/imported')],
  watched: (root) => [root],
  discover,
  summarise,
  projector: () => ({ project }),
});

async function* discover(root: string, options: DiscoverOptions) {
  const sessions = new Sessions(name);
  try {
    for (const folder of entriesOf(root).filter((entry) => entry.isDirectory())) {
      const path = join(root, folder.name);
      await addSession(sessions, path).catch((cause) => options.report({ path, cause }));
    }
  } catch (cause) {
    options.report({ path: root, cause });
  }
  yield* sessions.refs();
}

async function addSession(sessions: Sessions, folder: string): Promise<void> {
  const entries = entriesOf(folder).filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'));
  if (!entries.some((entry) => entry.name === 'main.jsonl')) return;
  let id: string | undefined;
  for await (const record of headOf(join(folder, 'main.jsonl'))) {
    id = stringField(record, 'session');
    break;
  }
  if (id === undefined) return; // still being written
  for (const entry of entries) {
    sessions.add(id, decodeURIComponent(basename(entry.name, '.jsonl')), fileRef(join(folder, entry.name)));
  }
  sessions.add(id, 'files', filesBelow(join(folder, 'files')), 'versions');
}

function summarise(summary: SessionSummary, record: RecordView): SessionSummary {
  const { stream, value } = record;
  if (stream === 'files') return summary;
  const kind = field(value, 'kind');
  const next = seen(counted(summary, record, typeof kind === 'string' || isHead(value)), {
    cwd: summary.cwd ?? stringField(value, 'cwd'),
    branch: stringField(value, 'branch'),
  });
  if (isHead(value)) return titled(next, field(value, 'title'), 'user');
  const modelled = kind === 'usage' || kind === 'model_change' ? withModel(next, stringField(value, 'model')) : next;
  if (stream !== 'main' || field(value, 'prompt') !== true) return modelled;
  const content = field(value, 'content');
  const text = Array.isArray(content)
    ? content.map((part) => field(part, 'text')).find((one) => typeof one === 'string')
    : '';
  return titled({ ...modelled, turns: modelled.turns + 1 }, text, 'prompt');
}

function isHead(value: unknown): boolean {
  return field(value, 'cairn') === 'trajectory';
}

/** The event that stands in the record; it is numbered and placed anew. */
function project(record: SourceRecord): Projection {
  const { value } = record;
  if (isHead(value)) return { events: [] };
  if (typeof field(value, 'kind') !== 'string' || field(value, 'v') !== 1)
    return { events: [unknownBody('type', record.raw())] };
  const { v, seq, at, turn, time, id, parentId, sidechain, ...body } = value as Readonly<Record<string, unknown>>;
  const facts = Object.fromEntries(
    Object.entries({ time, id, parentId, sidechain }).filter(([, fact]) => fact !== undefined),
  );
  return { ...(facts as RecordFacts), events: [record.json(relocated(record, body), '') as unknown as EventBody] };
}

/** What an event refers to lies in this session's own blobs, if it was imported. */
function relocated(record: SourceRecord, value: unknown): Json {
  if (typeof value !== 'object' || value === null) return value as Json;
  const { ref, size, mediaType, at } = value as Partial<Payload>;
  if (
    typeof ref === 'string' &&
    /^[0-9a-f]{64}$/.test(ref) &&
    typeof size === 'number' &&
    typeof mediaType === 'string' &&
    at
  ) {
    return record.blob(ref, size, mediaType, '');
  }
  if (Array.isArray(value)) return value.map((item) => relocated(record, item));
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, relocated(record, item)]));
}

import { basename, join } from 'node:path';
import {
  CairnError,
  composeHarness,
  type DiscoverOptions,
  entriesOf,
  field,
  fileRef,
  headOf,
  parseRecord,
  readDatabase,
  readWhole,
  rowLog,
  Sessions,
  stillDatabases,
  stringField,
} from '../src/harness/index.ts';
import { projector } from './openclaw/events.ts';
import { importing } from './openclaw/importing.ts';
import { storedSessions } from './openclaw/sessions.ts';
import { summarise } from './openclaw/summary.ts';
import { transcript } from './openclaw/transcript.ts';

const name = 'openclaw';

/** `<session>[-topic-<n>].jsonl`, a checkpoint of one, and both after a reset or a deletion. */
const transcriptFile = /^(.+?)(?:\.checkpoint\.([0-9a-f-]+))?\.jsonl(?:\.(?:reset|deleted)\.[0-9TZ.-]+)?(?:\.zst)?$/i;

/**
 * OpenClaw keeps the sessions of an agent in `agents/<agent>/agent/openclaw-agent.sqlite` (seen in 2026.9.6, schema
 * 23), and kept them as JSONL files in `agents/<agent>/sessions/` before 2026.7.2. The same database holds
 * credentials, and so does `state/openclaw.sqlite`: only the tables named above are read.
 */
export const openclaw = composeHarness(
  {
    name,
    title: 'OpenClaw',
    seen: ['2026.9.6'],
    schemas: ['23'],
    roots: ({ env, home }) =>
      env.OPENCLAW_STATE_DIR
        ? [env.OPENCLAW_STATE_DIR]
        : ['.openclaw', '.clawdbot', '.moltbot'].map((folder) => join(home, folder)),
    watched: (root) => [join(root, 'agents')],
    // `pruneAfter` of the session settings, unless set (2026.9.6); sessions of cron jobs go after a day.
    keepsDays: () => 30,
    discover,
    summarise,
    // An answer that asks for no tool; a refused or broken one ends it as well (2026.9.6).
    endsTurn: (record) =>
      field(record, 'message', 'role') === 'assistant' &&
      ['stop', 'error', 'aborted'].includes(String(field(record, 'message', 'stopReason'))),
    importing,
    projector,
  },
  { rows: rowLog(transcript) },
);

const stored = stillDatabases((file) => readDatabase(file.path, transcript, (view) => storedSessions(view, file)));

async function* discover(root: string, options: DiscoverOptions) {
  const sessions = new Sessions(name);
  const attempt = async (path: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (cause) {
      options.report({ path, cause });
    }
  };
  const agents = join(root, 'agents');
  await attempt(agents, async () => {
    for (const agent of entriesOf(agents)) {
      const database = join(agents, agent.name, 'agent', 'openclaw-agent.sqlite');
      const inDatabase = new Set<string>();
      await attempt(database, async () => {
        for (const { id, file, details, lineage } of (await stored(database)) ?? []) {
          inDatabase.add(id);
          sessions.add(id, 'main', [file], 'rows');
          sessions.describe(id, details);
          sessions.relate(id, lineage);
        }
      });
      const folder = join(agents, agent.name, 'sessions');
      await attempt(folder, async () => {
        for (const entry of entriesOf(folder)) {
          const [, id, checkpoint] = (entry.isFile() && transcriptFile.exec(entry.name)) || [];
          // What the database has was imported from the file, or archived to it.
          if (id === undefined || inDatabase.has(id)) continue;
          const path = join(folder, entry.name);
          await attempt(path, () => addFile(sessions, id, checkpoint, path));
        }
        addLinks(sessions, join(folder, 'sessions.json'));
      });
    }
  });
  yield* sessions.refs();
}

async function addFile(sessions: Sessions, id: string, checkpoint: string | undefined, path: string): Promise<void> {
  const files = fileRef(path);
  sessions.add(id, checkpoint === undefined ? 'main' : `segment-checkpoint-${checkpoint}`, files);
  if (checkpoint !== undefined) return;
  for await (const record of headOf(path)) {
    const cwd = stringField(record, 'cwd');
    if (cwd !== undefined) sessions.describe(id, { cwd });
    break;
  }
}

/** `sessions.json` of the JSONL era: which conversation spawned which. An entry need not have a file. */
function addLinks(sessions: Sessions, path: string): void {
  const [index] = fileRef(path);
  if (index === undefined) return;
  const entries = parseRecord(readWhole(path));
  if (typeof entries !== 'object' || entries === null) {
    throw new CairnError('corrupt', 'Expected an object of sessions, got something else');
  }
  for (const entry of Object.values(entries)) {
    const spawner = stringField(entry, 'spawnedBy');
    const parent = spawner === undefined ? undefined : stringField(field(entries, spawner), 'sessionId');
    const id = idOf(entry);
    if (id !== undefined && parent !== undefined) sessions.relate(id, [{ kind: 'parent', session: parent }]);
    const title = stringField(entry, 'label');
    if (id !== undefined && title !== undefined) sessions.describe(id, { title });
  }
}

/** A topic of a group has a transcript of its own, named by the file. */
function idOf(entry: unknown): string | undefined {
  const file = stringField(entry, 'sessionFile');
  return (file && transcriptFile.exec(basename(file))?.[1]) ?? stringField(entry, 'sessionId');
}

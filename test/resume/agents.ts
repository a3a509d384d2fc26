import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { memoryStore } from '../../src/store/memory.ts';
import type { BucketStore } from '../../src/store/types.ts';
import { HermesSource, OpenclawSource } from '../mirror/database-source.ts';
import { temporaryFolder, testRuntime } from '../mirror/rig.ts';
import { TestHost } from './host.ts';

/** An agent that keeps its sessions in a database, on a host of its own. */
export interface DatabaseAgent<Source> {
  readonly host: TestHost;
  readonly source: Source;
}

export async function openclawHosts(): Promise<
  readonly [DatabaseAgent<OpenclawSource>, DatabaseAgent<OpenclawSource>]
> {
  const place = { store: memoryStore(testRuntime()), folder: await temporaryFolder() };
  const one = async (number: number) => {
    const host = await installed(place, 'openclaw', number);
    const source = new OpenclawSource(host.root, () => 0, 'agents/main/agent/openclaw-agent.sqlite');
    onTestFinished(() => source.close());
    await source.open();
    return { host, source };
  };
  return [await one(1), await one(2)];
}

export async function hermesHosts(): Promise<readonly [DatabaseAgent<HermesSource>, DatabaseAgent<HermesSource>]> {
  const place = { store: memoryStore(testRuntime()), folder: await temporaryFolder() };
  const one = async (number: number) => {
    const host = await installed(place, 'hermes', number);
    const source = new HermesSource(host.root, () => 0, 'state.db');
    onTestFinished(() => source.close());
    await source.open();
    return { host, source };
  };
  return [await one(1), await one(2)];
}

async function installed(
  { store, folder }: { store: BucketStore; folder: string },
  name: string,
  number: number,
): Promise<TestHost> {
  const host = await TestHost.make(store, folder, name, number);
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), '#!/bin/sh\n');
  await chmod(join(bin, name), 0o755);
  host.path = bin;
  return host;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** One more event of a session; each has an id of its own. */
export function event(session: string, id: string, text: string): string {
  const record = JSON.stringify({ type: 'message', id, message: { role: 'user', content: text } });
  return insertEvent(session, record);
}

function insertEvent(session: string, record: string): string {
  const seq = `(SELECT coalesce(max(seq), -1) + 1 FROM transcript_events WHERE session_id = ${quoted(session)})`;
  return `INSERT INTO transcript_events (session_id, seq, event_json, event_utf8_bytes, created_at)
    VALUES (${quoted(session)}, ${seq}, ${quoted(record)}, ${Buffer.byteLength(record)}, 1)`;
}

/** What the import of 2026.9.6 was seen to do: events whose ids are not there are added, and the files moved away. */
export async function openclawImport({ host, source }: DatabaseAgent<OpenclawSource>): Promise<void> {
  const folder = join(host.root, 'agents/main/sessions');
  const index = JSON.parse(await readFile(join(folder, 'sessions.json'), 'utf8')) as Record<
    string,
    { sessionId: string; sessionFile: string }
  >;
  for (const [key, { sessionId, sessionFile }] of Object.entries(index)) {
    const rows = await source.rows('transcript_events', 'SELECT session_id, event_json FROM transcript_events');
    const known = new Set(
      rows.filter((row) => row.session_id === sessionId).map((row) => idOf(String(row.event_json))),
    );
    const lines = (await readFile(join(folder, sessionFile), 'utf8')).trimEnd().split('\n');
    await source.statements(
      `INSERT OR IGNORE INTO session_nodes VALUES (${quoted(key)}, ${quoted(sessionId)}, NULL, NULL)`,
      `INSERT OR IGNORE INTO session_windows VALUES (${quoted(sessionId)}, ${quoted(key)}, NULL, NULL, 1, NULL)`,
      `INSERT OR IGNORE INTO transcript_rewrite_watermarks VALUES (${quoted(sessionId)}, ${quoted(`g-${key}`)}, 1)`,
      ...lines.filter((line) => !known.has(idOf(line))).map((line) => insertEvent(sessionId, line)),
    );
    await rm(join(folder, sessionFile));
  }
  await rm(join(folder, 'sessions.json'));
}

function idOf(line: string): string {
  return (JSON.parse(line) as { id: string }).id;
}

/** As upstream's sources have it: a session that is there is left alone, messages get ids of their own. */
export async function hermesImport({ source }: DatabaseAgent<HermesSource>, path: string): Promise<void> {
  for (const line of (await readFile(path, 'utf8')).trimEnd().split('\n')) {
    const { messages, ...session } = JSON.parse(line) as { id: string; messages: Record<string, unknown>[] };
    const [there] = await source.rows('sessions', `SELECT id FROM sessions WHERE id = ${quoted(session.id)}`);
    if (there) continue;
    await source.statements(
      insert('sessions', session),
      ...messages.map(({ id: _, session_id: __, ...message }) =>
        insert('messages', { session_id: session.id, ...message }),
      ),
    );
  }
}

function insert(table: string, row: object): string {
  const entries = Object.entries(row);
  return `INSERT INTO ${table} (${entries.map(([name]) => name)}) VALUES (${entries.map(([name, value]) => literal(name, value))})`;
}

function literal(column: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  const json = quoted(JSON.stringify(value));
  return column === 'content' ? `char(0) || 'json:' || ${json}` : json;
}

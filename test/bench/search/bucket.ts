import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { CatalogLine } from '../../../src/mirror/meta.ts';
import { chainHash, compressHeader, compressRecords, contentHash } from '../../../src/mirror/part.ts';
import { catalogKey, partKey } from '../../../src/store/keys.ts';
import type { BucketStore } from '../../../src/store/types.ts';
import type { Random } from '../random.ts';
import type { Language } from './language.ts';

const gzip = promisify(gzipCallback);

export interface Written {
  readonly sessions: number;
  readonly events: number;
  /** Bytes of the records. */
  readonly bytes: number;
}

/** Writes sessions of claude-code as a mirror would have stored them, with a catalog. */
export async function writeSessions(
  store: BucketStore,
  language: Language,
  random: Random,
  sessions: number,
  eventsEach: number,
): Promise<Written> {
  const lines: CatalogLine[] = [];
  let bytes = 0;
  for (let i = 0; i < sessions; i++) {
    const session = random.uuid();
    const records = recordsOf(language, random, session, eventsEach);
    const body = Buffer.from(records.join(''));
    bytes += body.length;
    const content = contentHash(body);
    const address = { harness: 'claude-code', session, stream: 'main', epoch: 0, seq: 0 };
    const totals = { records: records.length, bytes: body.length, redactions: {} };
    const header = await compressHeader({
      cairn: 'part',
      v: 1,
      w: 'w',
      ...address,
      from: { kind: 'bytes', offset: 0 },
      to: { kind: 'bytes', offset: body.length },
      records: records.length,
      bytes: body.length,
      source: '00',
      content,
      prev: '',
      chain: chainHash('', content),
      redactions: {},
      redactor: 'none',
      totals,
      writer: { mirror: 'm', host: 'host', version: '0' },
      at: '2026-11-21T10:00:00.000Z',
    });
    await store.overwrite(
      partKey({ project: 'p', ...address }),
      Buffer.concat([header, await compressRecords(body, 1)]),
    );
    lines.push({
      harness: 'claude-code',
      session,
      state: 'ended',
      host: `host-${i % 5}`,
      mirror: 'm',
      repository: `team/project-${i % 40}`,
      title: language.prose(6).trim(),
      turns: 1,
      records: records.length,
      bytes: body.length,
      agents: 0,
      unknown: 0,
      redactions: 0,
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  }
  await store.overwrite(
    catalogKey('p', 'm', 'base'),
    await gzip(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  );
  return { sessions, events: sessions * eventsEach, bytes };
}

/** A tenth prompts and answers, the rest calls and results, as a long session has them; 3 % are Chinese. */
function recordsOf(language: Language, random: Random, sessionId: string, count: number): string[] {
  const records: string[] = [];
  let parentUuid: string | null = null;
  let time = Date.UTC(2026, random.between(0, 10), random.between(1, 28));
  const push = (type: string, fields: object) => {
    const uuid = random.uuid();
    time += random.between(500, 30_000);
    const surroundings = {
      isSidechain: false,
      userType: 'external',
      cwd: '/home/dev/project',
      sessionId,
      version: '2.1.329',
    };
    records.push(
      `${JSON.stringify({ parentUuid, ...surroundings, type, ...fields, uuid, timestamp: new Date(time).toISOString() })}\n`,
    );
    parentUuid = uuid;
  };
  const assistant = (block: object) => {
    const message = { id: `msg_${random.uuid()}`, type: 'message', role: 'assistant', model: 'claude-opus-4-5' };
    push('assistant', { message: { ...message, content: [block] } });
  };
  const prose = (words: number) => (random.chance(0.03) ? language.chinese(words * 3) : language.prose(words));
  while (records.length < count) {
    const id = `toolu_${random.uuid()}`;
    const choice = random.next();
    if (choice < 0.04) push('user', { message: { role: 'user', content: prose(random.between(5, 80)) } });
    else if (choice < 0.14) assistant({ type: 'text', text: prose(random.between(10, 150)) });
    else {
      const file_path = `/home/dev/project/src/${language.word()}/${language.word()}.ts`;
      const input = random.chance(0.4)
        ? { file_path }
        : { command: `${language.word()} --${language.word()} ${language.prose(5)}` };
      assistant({ type: 'tool_use', id, name: 'file_path' in input ? 'Read' : 'Bash', input });
      const stdout = language.output(random.between(1, 34));
      push('user', {
        message: {
          role: 'user',
          content: [{ tool_use_id: id, type: 'tool_result', content: stdout, is_error: random.chance(0.05) }],
        },
        toolUseResult: { stdout, stderr: '', interrupted: false },
      });
    }
  }
  return records;
}

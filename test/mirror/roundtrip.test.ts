import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { harnesses } from '../../harnesses/index.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { count } from '../samples/count.ts';
import { readStream } from './bucket.ts';
import { mirror, temporaryFolder, testRuntime } from './rig.ts';

const samples = join(import.meta.dirname, '../samples');
const homes = [
  ['claude-code', 'main'],
  ['codex', 'paginated-0.169'],
  ['codex', 'compaction-subagent-0.169'],
  ['codex', 'legacy'],
  ['codex', 'legacy-migrated'],
  ['codex', 'edge/compressed'],
] as const;

interface Expected {
  readonly turns: number;
  readonly session?: { readonly id: string; readonly session_id?: string };
  readonly subagents?: Readonly<Record<string, Expected>>;
  readonly [fact: string]: unknown;
}

/** Written by an agent, read back from the bucket: every message, call and token is there, and nothing was redacted. */
describe('a sample through the bucket', () => {
  for (const [agent, home] of homes) {
    it(`${agent} ${home}`, async () => {
      const runtime = testRuntime();
      const store = memoryStore(runtime);
      const root = join(samples, agent, home);
      const variable = agent === 'codex' ? 'CODEX_HOME' : 'CLAUDE_CONFIG_DIR';
      const events = await mirror({
        store,
        home: '/nowhere',
        stateFolder: join(await temporaryFolder(), 'state'),
        runtime,
        redactor: () => createRedactor({ key: Buffer.alloc(32, 7) }),
        run: {
          environment: { env: { [variable]: root }, home: '/nowhere', platform: 'linux' },
          scope: { harnesses: harnesses.filter(({ name }) => name === agent), all: true },
        },
      });
      expect(events.filter((event) => event.event === 'failed')).toEqual([]);
      const expected: Record<string, Expected> = JSON.parse(
        readFileSync(join(samples, agent, 'expected.json'), 'utf8'),
      );
      const facts = Object.entries(expected).filter(([path]) => path.startsWith(`${home}/`));
      expect(facts.length).toBeGreaterThan(0);
      for (const [path, fact] of facts) {
        const id = fact.session?.id ?? basename(path, '.jsonl');
        const session = fact.session?.session_id ?? id;
        const streams: Record<string, Expected> = {
          [id === session ? 'main' : `agent-${id}`]: fact,
          ...fact.subagents,
        };
        for (const [stream, wanted] of Object.entries(streams)) {
          const { heads } = await readStream(store, { project: 'p', harness: agent, session, stream });
          expect(heads.length).toBe(1);
          const counted = count(agent, Buffer.from(heads[0]!.text, 'latin1'), {
            subAgent: stream.startsWith('agent-'),
          });
          for (const key of [
            'lines',
            'records',
            'turns',
            'assistantMessages',
            'toolCalls',
            'toolCallsByName',
            'toolResults',
            'toolOutputs',
            'usage',
            'images',
          ]) {
            if (key in wanted) expect({ [key]: counted[key as keyof typeof counted] }).toEqual({ [key]: wanted[key] });
          }
          expect(heads[0]!.headers.map((header) => header.redactions)).toEqual(heads[0]!.headers.map(() => ({})));
        }
        const object = await store.get(`p/sessions/${agent}/${session}/meta.json`);
        const meta = JSON.parse(Buffer.from(await object!.bytes()).toString());
        if (id === session) expect(meta.summary.turns).toBe(fact.turns);
      }
    });
  }
});

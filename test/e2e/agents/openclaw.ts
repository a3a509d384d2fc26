import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../child.ts';
import type { Agent, Source } from './agent.ts';

const node = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const session = 'exercise-1';
const prompt = (text: string) => ['agent', '--local', '--agent', 'main', '--session-id', session, '--json', '-m', text];

/** openclaw 2026.9.6, on a Node 24 of its own: tools in parallel, a long output that is stored compressed, an image. */
export const openclaw: Agent = {
  harness: 'openclaw',
  package: { name: 'openclaw', version: '2026.9.6', bin: 'openclaw', node: { name: node, version: '24' } },

  scenario: (project) => ({
    turns: [
      {
        cue: 'CUE-TOOLS',
        steps: [
          [
            { text: 'Three tools at once.' },
            { tool: 'exec', input: { command: 'echo small' } },
            { tool: 'exec', input: { command: 'seq 1 20000' } },
            { tool: 'read', input: { path: join(project, 'dot.png') } },
          ],
          [{ text: 'All tools were used.' }],
        ],
      },
      { cue: 'CUE-AGAIN', steps: [[{ text: 'The second answer.' }]] },
    ],
    summary: { cue: 'no summary is asked for', text: '' },
    afterSummary: 'no summary is asked for',
  }),

  async configure(home, modelUrl, project) {
    const model = { id: 'scripted-1', name: 'Scripted', reasoning: false, input: ['text', 'image'] };
    const limits = {
      contextWindow: 200_000,
      maxTokens: 8192,
      cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
    };
    const provider = {
      baseUrl: modelUrl,
      apiKey: 'none',
      api: 'anthropic-messages',
      models: [{ ...model, ...limits }],
    };
    const defaults = { model: { primary: 'scripted/scripted-1' }, workspace: project, skipBootstrap: true };
    const configuration = { models: { providers: { scripted: provider } }, agents: { defaults } };
    await mkdir(join(home, '.openclaw'), { recursive: true });
    await writeFile(join(home, '.openclaw/openclaw.json'), JSON.stringify(configuration));
  },

  environment: (home) => ({
    OPENCLAW_STATE_DIR: join(home, '.openclaw'),
    OPENCLAW_CONFIG_PATH: join(home, '.openclaw/openclaw.json'),
    OPENCLAW_DISABLE_TELEMETRY: '1',
  }),

  steps: [
    { name: 'prompt', args: () => prompt('CUE-TOOLS: use the tools'), requests: 2 },
    { name: 'resume', args: () => prompt('CUE-AGAIN: a question'), requests: 1 },
  ],

  sessionId: () => session,

  async sources(home, program) {
    const agents = join(home, '.openclaw/agents');
    const databases = (await readdir(agents)).map((agent) => join(agents, agent, 'agent/openclaw-agent.sqlite'));
    return (await Promise.all(databases.map((path) => sessionsOf(path, program)))).flat();
  },
};

/** Every session of a database, its records as the agent's own runtime reads them. */
async function sessionsOf(path: string, [runtime = '']: readonly string[]): Promise<readonly Source[]> {
  const script = `
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const { zstdDecompressSync } = require('node:zlib');
    const sessions = {};
    const rows = new DatabaseSync(process.argv[1], { readOnly: true })
      .prepare('SELECT session_id, event_json, event_zstd FROM transcript_events ORDER BY session_id, seq').all();
    for (const { session_id, event_json, event_zstd } of rows) {
      (sessions[session_id] ??= []).push((event_json ?? zstdDecompressSync(event_zstd).toString()) + '\\n');
    }
    console.log(JSON.stringify(sessions));`;
  const { stdout } = await run([runtime, '-e', script, path], { cwd: dirname(path), env: {} });
  return Object.entries(JSON.parse(stdout.toString()) as Record<string, string[]>).map(([id, records]) => ({
    path,
    session: id,
    stream: 'main',
    content: Buffer.from(records.join('')),
  }));
}

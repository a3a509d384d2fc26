import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent, Source } from './agent.ts';

const unattended = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];

/** codex 0.169.0: tools in parallel, an image, a sub-agent's thread, a compaction within a turn, a fork. */
export const codex: Agent = {
  harness: 'codex',
  package: { name: '@openai/codex', version: '0.169.0', bin: 'codex' },

  scenario: (project) => ({
    turns: [
      {
        cue: 'CUE-TOOLS',
        steps: [
          [
            { thinking: '**Plan** a small command, a long one, a picture' },
            { tool: 'exec_command', input: { cmd: 'echo small' } },
            { tool: 'exec_command', input: { cmd: 'seq 1 20000' } },
            { tool: 'view_image', input: { path: join(project, 'dot.png') } },
          ],
          [
            {
              tool: 'spawn_agent',
              namespace: 'multi_agent_v1',
              input: { message: 'CUE-DELEGATED: say a word', task_name: 'speaker', agent_type: 'default' },
            },
          ],
          [{ text: 'All tools were used.' }],
        ],
      },
      { cue: 'CUE-DELEGATED', steps: [[{ text: 'A word.' }]] },
      { cue: 'CUE-AGAIN', steps: [[{ text: 'The second answer.' }]] },
      {
        cue: 'CUE-FULL',
        steps: [[{ tool: 'exec_command', input: { cmd: 'seq 1 50' } }], [{ text: 'The answer after the compaction.' }]],
        inputTokens: [50_000],
      },
      { cue: 'CUE-FORK', steps: [[{ text: 'The answer in the fork.' }]] },
    ],
    summary: { cue: 'CONTEXT CHECKPOINT COMPACTION', text: 'A list was printed.' },
    afterSummary: 'Another language model started to solve',
  }),

  async configure(home, modelUrl) {
    await mkdir(join(home, '.codex'), { recursive: true });
    await writeFile(join(home, '.codex/config.toml'), configuration(modelUrl));
  },

  environment: (home) => ({ CODEX_HOME: join(home, '.codex'), SCRIPTED_KEY: 'none' }),

  steps: [
    { name: 'prompt', args: () => ['exec', '--json', ...unattended, 'CUE-TOOLS: use the tools'], requests: 3 },
    { name: 'resume', args: (id) => ['exec', 'resume', ...unattended, id, 'CUE-AGAIN: a question'], requests: 1 },
    {
      name: 'compact',
      args: (id) => [
        ...['exec', 'resume', ...unattended, '-c', 'model_auto_compact_token_limit=30000'],
        ...[id, 'CUE-FULL: fill the context'],
      ],
      requests: 3,
    },
    { name: 'fork', args: (id) => ['exec', 'fork', ...unattended, id, 'CUE-FORK: otherwise'], requests: 1 },
  ],

  sessionId: (stdout) => /"thread_id":"([0-9a-f-]{36})"/.exec(stdout)?.[1],

  async sources(home) {
    const entries = await readdir(join(home, '.codex/sessions'), { recursive: true, withFileTypes: true });
    const rollouts = entries.filter(({ name }) => /^rollout-.*\.jsonl$/.test(name));
    return Promise.all(rollouts.map(({ parentPath, name }) => source(join(parentPath, name))));
  },
};

/** A sub-agent's thread carries the id of the session that it belongs to beside its own. */
async function source(path: string): Promise<Source> {
  const [head = ''] = (await readFile(path, 'utf8')).split('\n', 1);
  const { id, session_id } = (JSON.parse(head) as { payload: { id: string; session_id?: string } }).payload;
  return session_id && session_id !== id
    ? { path, session: session_id, stream: `agent-${id}` }
    : { path, session: id, stream: 'main' };
}

const configuration = (modelUrl: string) => `
model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
multi_agent = true
`;

import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Agent, Source } from './agent.ts';

const print = ['--permission-mode', 'bypassPermissions', '--output-format', 'json'];

/** claude-code 2.1.329: tools in parallel, a long tool result, an image, a sub-agent, a compaction, a fork. */
export const claude: Agent = {
  harness: 'claude-code',
  package: { name: '@anthropic-ai/claude-code', version: '2.1.329', bin: 'claude' },

  scenario: (project) => ({
    turns: [
      {
        cue: 'CUE-TOOLS',
        steps: [
          [
            { thinking: 'A small command, a long one and a picture.' },
            { text: 'Three tools at once.' },
            { tool: 'Bash', input: { command: 'echo small', description: 'Small output' } },
            { tool: 'Bash', input: { command: 'seq 1 60000', description: 'Long output' } },
            { tool: 'Read', input: { file_path: join(project, 'dot.png') } },
          ],
          [
            { text: 'Next a sub-agent and a file.' },
            {
              tool: 'Agent',
              input: { description: 'Echo', prompt: 'CUE-DELEGATED: echo a word', subagent_type: 'general-purpose' },
            },
            { tool: 'Write', input: { file_path: join(project, 'notes.md'), content: '# Notes\n' } },
          ],
          [{ text: 'All tools were used.' }],
        ],
      },
      {
        cue: 'CUE-DELEGATED',
        steps: [
          [{ tool: 'Bash', input: { command: 'echo delegated', description: 'Echo' } }],
          [{ text: 'The word is out.' }],
        ],
      },
      { cue: 'CUE-AGAIN', steps: [[{ text: 'The second answer.' }]] },
      { cue: 'CUE-AFTER', steps: [[{ text: 'The answer after the compaction.' }]] },
      { cue: 'CUE-FORK', steps: [[{ text: 'The answer in the fork.' }]] },
    ],
    summary: {
      cue: 'Your task is to create a detailed summary',
      text: '<analysis>brief</analysis>\n<summary>\nTools were used and a question was answered.\n</summary>',
    },
    afterSummary: 'This session is being continued from a previous conversation',
  }),

  configure: async () => {},

  environment: (home, modelUrl) => ({
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: 'none',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Lets `bypassPermissions` run as root.
    IS_SANDBOX: '1',
  }),

  steps: [
    { name: 'prompt', args: () => ['-p', 'CUE-TOOLS: use the tools', ...print], requests: 3 },
    { name: 'resume', args: (id) => ['-p', 'CUE-AGAIN: a question', '--resume', id, ...print], requests: 1 },
    { name: 'compact', args: (id) => ['-p', '/compact', '--resume', id, ...print], requests: 1 },
    { name: 'resume', args: (id) => ['-p', 'CUE-AFTER: go on', '--resume', id, ...print], requests: 1 },
    {
      name: 'fork',
      args: (id) => ['-p', 'CUE-FORK: otherwise', '--resume', id, '--fork-session', ...print],
      requests: 1,
    },
  ],

  sessionId(stdout) {
    const printed: unknown = JSON.parse(stdout);
    const result = (Array.isArray(printed) ? printed.at(-1) : printed) as { session_id?: string };
    return result.session_id;
  },

  async sources(home) {
    const projects = join(home, '.claude/projects');
    const entries = await readdir(projects, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.flatMap((path) => source(path, relative(projects, path)));
  },
};

/** `below` is `<project>/<session>.jsonl` or `<project>/<session>/<file of the session>`. */
function source(path: string, below: string): readonly Source[] {
  const [, first = '', ...rest] = below.split('/');
  const file = rest.join('/');
  if (file === '')
    return first.endsWith('.jsonl') ? [{ path, session: first.slice(0, -'.jsonl'.length), stream: 'main' }] : [];
  const agent = /^subagents\/(agent-[^/]+)\.jsonl$/.exec(file)?.[1];
  return [agent ? { path, session: first, stream: agent } : { path, session: first, stream: 'files', file }];
}

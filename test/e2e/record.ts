import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../child.ts';
import type { Agent } from './agents/agent.ts';
import { install } from './agents/install.ts';
import { startModel } from './model/server.ts';

export interface Recording {
  readonly home: string;
  readonly steps: readonly StepResult[];
}

export interface StepResult {
  readonly name: string;
  /** Requests to the model. */
  readonly requests: number;
}

/** A picture of one transparent pixel. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/**
 * Takes the real agent through its steps with a home and a project of its own below `folder`.
 * @throws Error when a step fails or asks the model less than it must
 */
export async function record(agent: Agent, folder: string): Promise<Recording> {
  const home = homeOf(folder);
  const project = projectOf(folder);
  await mkdir(home, { recursive: true });
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'dot.png'), Buffer.from(dot, 'base64'));
  const program = await install(agent.package);
  const model = await startModel(agent.scenario(project), { pauseMs: 20 });
  try {
    await agent.configure(home, model.url);
    const env = { ...baseEnvironment(home), ...agent.environment(home, model.url) };
    const steps: StepResult[] = [];
    let session = '';
    for (const step of agent.steps) {
      const before = model.requests.length;
      const { exit, stdout, stderr } = await run([program, ...step.args(session)], { cwd: project, env });
      const requests = model.requests.length - before;
      if (exit !== 0 || requests < step.requests) {
        const seen = `exit ${exit}, ${requests} of ${step.requests} requests`;
        throw new Error(
          `${agent.harness} ${step.name}: ${seen}\n${stderr.slice(-2000)}\n${stdout.toString().slice(-2000)}`,
        );
      }
      steps.push({ name: step.name, requests });
      session ||= agent.sessionId(stdout.toString()) ?? '';
    }
    return { home, steps };
  } finally {
    await model.close();
  }
}

export const homeOf = (folder: string) => join(folder, 'home');
export const projectOf = (folder: string) => join(folder, 'project');

/** What every program gets of the surroundings: none of the developer's settings or keys. */
export function baseEnvironment(home: string): NodeJS.ProcessEnv {
  return { HOME: home, PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm' };
}

import { run } from '../child.ts';
import type { Agent } from './agents/agent.ts';
import { install } from './agents/install.ts';
import { startModel } from './model/server.ts';
import { baseEnvironment, type Place } from './place.ts';

export interface Recording {
  readonly steps: readonly StepResult[];
  /** The command that runs the agent. */
  readonly program: readonly string[];
}

export interface StepResult {
  readonly name: string;
  /** Requests to the model. */
  readonly requests: number;
  /** When the agent's process ran, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Takes the real agent through its steps.
 * @throws Error when a step fails or asks the model less than it must
 */
export async function record(agent: Agent, { home, project }: Place): Promise<Recording> {
  const program = await install(agent.package);
  const model = await startModel(agent.scenario(project), { pauseMs: 150 });
  try {
    await agent.configure(home, model.url, project);
    const env = { ...baseEnvironment(home), ...agent.environment(home, model.url) };
    const steps: StepResult[] = [];
    let session = '';
    for (const step of agent.steps) {
      const before = model.requests.length;
      const from = Date.now();
      const { exit, stdout, stderr } = await run([...program, ...step.args(session)], { cwd: project, env });
      const to = Date.now();
      const requests = model.requests.length - before;
      if (exit !== 0 || requests < step.requests) {
        const seen = `exit ${exit}, ${requests} of ${step.requests} requests`;
        throw new Error(
          `${agent.harness} ${step.name}: ${seen}\n${stderr.slice(-2000)}\n${stdout.toString().slice(-2000)}`,
        );
      }
      steps.push({ name: step.name, requests, from, to });
      session ||= agent.sessionId(stdout.toString()) ?? '';
    }
    return { steps, program };
  } finally {
    await model.close();
  }
}

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Computer, Lab } from './computer.ts';

/** Reverts a codex thread to before the turn with `cue`, by its app-server: `exec` has no way to. */
export async function revertTo(
  lab: Lab,
  computer: Computer,
  thread: string,
  rollout: string,
  cue: string,
): Promise<void> {
  const beforeTurnId = turnWith(await readFile(rollout, 'utf8'), cue);
  const [program = '', ...args] = lab.program;
  const child = spawn(program, [...args, 'app-server'], {
    cwd: computer.place.project,
    env: lab.environment(computer),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  const request = async (method: string, params: object) => {
    child.stdin.write(`${JSON.stringify({ id: ++id, method, params })}\n`);
    for (let next = await answers.next(); !next.done; next = await answers.next()) {
      const answer = JSON.parse(next.value) as { id?: number; error?: unknown };
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
      return;
    }
    throw new Error(`${method}: the app-server ended`);
  };
  try {
    await request('initialize', { clientInfo: { name: 'exercise', title: 'Exercise', version: '1' } });
    child.stdin.write(`${JSON.stringify({ method: 'initialized' })}\n`);
    await request('thread/resume', { threadId: thread });
    await request('thread/revert', { threadId: thread, beforeTurnId });
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    child.kill('SIGTERM');
    await ended;
  }
}

function turnWith(rollout: string, cue: string): string {
  let turn: string | undefined;
  for (const line of rollout.split('\n').filter((text) => text.startsWith('{'))) {
    const { type, payload } = JSON.parse(line) as { type: string; payload: { type?: string; turn_id?: string } };
    if (type === 'event_msg' && payload.type === 'task_started') turn = payload.turn_id;
    else if (line.includes(`${cue}:`) && turn !== undefined) return turn;
  }
  throw new Error(`expected a turn with ${cue}, found none`);
}

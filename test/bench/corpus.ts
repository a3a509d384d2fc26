import { appendFile, mkdir, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Random } from './random.ts';
import { Session } from './session.ts';
import { texts } from './text.ts';

export interface CorpusPlan {
  readonly name: string;
  readonly sessions: number;
  /** Bytes of each session, at least: it ends with the turn that passes them. */
  readonly sessionBytes: number;
  readonly seed: number;
}

export interface Corpus extends CorpusPlan {
  /** As `CLAUDE_CONFIG_DIR` names it. */
  readonly folder: string;
  readonly bytes: number;
  /** Adds one record to one session. */
  append(): Promise<void>;
}

const projects = 20;
const batchBytes = 4 << 20;

/** Writes the sessions of `plan` below `folder`, as claude-code lays them out. */
export async function writeCorpus(plan: CorpusPlan, folder: string): Promise<Corpus> {
  const random = new Random(plan.seed);
  const pool = texts(random);
  let bytes = 0;
  let last = '';
  for (let index = 0; index < plan.sessions; index++) {
    const cwd = `/home/dev/project-${index % projects}`;
    const session = new Session(random, pool, cwd);
    const project = join(folder, 'projects', cwd.replace(/[^A-Za-z0-9]/g, '-'));
    await mkdir(project, { recursive: true });
    last = join(project, `${session.id}.jsonl`);
    bytes += await writeSession(last, session, plan.sessionBytes);
  }
  const record = JSON.stringify({ type: 'mode', mode: 'normal', sessionId: basename(last, '.jsonl') });
  return { ...plan, folder, bytes, append: () => appendFile(last, `${record}\n`) };
}

async function writeSession(path: string, session: Session, atLeast: number): Promise<number> {
  const file = await open(path, 'w');
  try {
    let written = 0;
    while (written < atLeast) {
      let batch = '';
      while (batch.length < Math.min(batchBytes, atLeast - written)) batch += `${session.turn().join('\n')}\n`;
      written += (await file.write(batch)).bytesWritten;
    }
    return written;
  } finally {
    await file.close();
  }
}

import { createInterface } from 'node:readline/promises';
import { CairnError } from '../errors.ts';
import type { Context } from './command.ts';

/** What is said where nobody can be asked, and where the answer is no. */
interface Words {
  readonly hint: string;
  readonly declined: string;
}

/** Asks on the terminal whether to go on. @throws CairnError `usage` where nobody can be asked, `nothing-to-do` for a no */
export async function confirm(question: string, { stdin, output }: Context, { hint, declined }: Words): Promise<void> {
  if (!stdin.isTTY || !output.stderr.isTTY) {
    throw new CairnError('usage', 'expected --yes where nobody can be asked', { hint });
  }
  const questions = createInterface({ input: stdin, output: output.stderr });
  try {
    const answer = await questions.question(question);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CairnError('nothing-to-do', declined);
  } finally {
    questions.close();
  }
}

import { createRedactor, type RedactorOptions } from './redactor.ts';
import type { Redactor } from './types.ts';

/** Which redactor a session gets; `none` only where the user trusts the bucket. */
export type RedactorChoice = 'none' | Pick<RedactorOptions, 'key' | 'remembered'>;

/** Finds nothing: the records go out as they are, and every part says so. */
const none: Redactor = { id: 'none', redact: (block) => ({ block, found: {} }), learned: () => [] };

export function openRedactor(choice: RedactorChoice): Redactor {
  return choice === 'none' ? none : createRedactor(choice);
}

import { createRedactor, type RedactorOptions } from './redactor.ts';
import type { Redactor } from './types.ts';

/** By what text is redacted. Plain data: it may be handed to another thread. */
export type Redaction = Pick<RedactorOptions, 'key' | 'settings'>;

/** Which redactor a session gets; `none` only where the user trusts the bucket. */
export type RedactorChoice = 'none' | (Redaction & Pick<RedactorOptions, 'remembered' | 'join'>);

/** Finds nothing: the records go out as they are, and every part says so. */
const none: Redactor = { id: 'none', redact: (block) => ({ block, found: {}, images: 0 }), learned: () => [] };

export function openRedactor(choice: RedactorChoice, report?: RedactorOptions['report']): Redactor {
  return choice === 'none' ? none : createRedactor({ ...choice, ...(report && { report }) });
}

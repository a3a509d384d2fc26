import { appendFileSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Fingerprint, memoryCapacity } from '../redact/memory.ts';
import { replaceState, withFolder } from './durable-file.ts';
import { fileError } from './file-error.ts';

const whole = v.pipe(v.number(), v.safeInteger());
const fingerprint = v.object({
  rule: v.string(),
  length: v.pipe(whole, v.minValue(1)),
  anchors: v.array(whole),
  head: whole,
  check: v.string(),
  mark: v.string(),
});

/** Fingerprints of the secrets that earlier runs found in a session; the latest, when there are too many. */
export async function readSecrets(path: string, temporary: string): Promise<readonly Fingerprint[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileError('the local state', path, cause);
  }
  const lines = text.split('\n');
  const kept = lines.slice(-memoryCapacity);
  if (lines.length > 2 * memoryCapacity) await replaceState(path, kept.join('\n'), temporary);
  return kept.flatMap((line) => parse(line) ?? []);
}

/** A line that a crash cut short is no fingerprint; what it stood for is learnt again where it is seen again. */
function parse(line: string): Fingerprint | undefined {
  try {
    const parsed = v.safeParse(fingerprint, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Adds what was found since; mode 0600. */
export async function appendSecrets(path: string, prints: readonly Fingerprint[]): Promise<void> {
  if (prints.length === 0) return;
  // A line of its own, whatever a crash left of the one before.
  const text = prints.map((print) => `\n${JSON.stringify(print)}`).join('');
  try {
    withFolder(path, () => appendFileSync(path, text, { mode: 0o600 }));
  } catch (cause) {
    throw fileError('the local state', path, cause);
  }
}

import type { Inspected } from './inspect.ts';
import type { Fingerprint } from './memory.ts';

/**
 * Takes secrets out of transcript records. One redactor serves one session: it remembers what it
 * found, so a value learnt in one record is removed wherever it stands from then on.
 */
export interface Redactor {
  /** Names rule set and version; stands in every part's header, so that old parts can be found again. */
  readonly id: string;

  /**
   * `block` is whole lines, each ended by `\n`. The result has the same number of lines; a line
   * without a finding is the same bytes; a valid JSON line stays valid. Redacting twice changes
   * nothing. Time is linear in the length of the block, whatever stands in it.
   * When nothing was found, `block` is the very object that was given. `inspected`: what the rules find in the block,
   * where other cores have looked for it already.
   */
  redact(block: Uint8Array, inspected?: Inspected): Redacted;

  /** Fingerprints of the secrets found since the last call: safe to keep beside the key, for the session's next redactor. */
  learned(): readonly Fingerprint[];
}

export interface Redacted {
  readonly block: Uint8Array;
  /** Findings by rule name. */
  readonly found: Readonly<Record<string, number>>;
  /** Images in base64, which are left alone. */
  readonly images: number;
}

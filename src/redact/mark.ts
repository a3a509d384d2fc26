import { createHmac } from 'node:crypto';

/** Hex digits of the keyed hash in a mark. */
const digits = 8;
/** Secrets whose hash is kept: the same ones come again and again. */
const capacity = 4096;

/**
 * The text that takes a secret's place: plain ASCII that needs no escape in JSON. The same secret
 * gives the same mark wherever the same key is used.
 */
export function createMarks(key: Uint8Array): (rule: string, secret: string) => string {
  const known = new Map<string, string>();
  return (rule, secret) => {
    let hash = known.get(secret);
    if (hash === undefined) {
      hash = createHmac('sha256', key).update(secret, 'latin1').digest('hex').slice(0, digits);
      if (known.size >= capacity) known.clear();
      known.set(secret, hash);
    }
    return `[REDACTED:${rule}:${hash}]`;
  };
}

import { createHmac } from 'node:crypto';

/** Hex digits of the keyed hash in a mark. */
const digits = 8;

/**
 * The text that takes a secret's place: plain ASCII that needs no escape in JSON. The same secret
 * gives the same mark wherever the same key is used.
 */
export function createMarks(key: Uint8Array): (rule: string, secret: string) => string {
  return (rule, secret) => {
    const hash = createHmac('sha256', key).update(secret, 'latin1').digest('hex').slice(0, digits);
    return `[REDACTED:${rule}:${hash}]`;
  };
}

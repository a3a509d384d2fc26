import { createHmac } from 'node:crypto';

/** Hex digits of the keyed hash in a mark. */
const digits = 8;
/** Secrets of a rule whose mark is kept: the same ones come again and again. */
const capacity = 4096;

/**
 * The text that takes a secret's place: plain ASCII that needs no escape in JSON. The same secret
 * gives the same mark wherever the same key is used.
 */
export function createMarks(key: Uint8Array): (rule: string, secret: string) => string {
  const byRule = new Map<string, Map<string, string>>();
  return (rule, secret) => {
    let known = byRule.get(rule);
    if (known === undefined) {
      known = new Map();
      byRule.set(rule, known);
    }
    let mark = known.get(secret);
    if (mark === undefined) {
      const hash = createHmac('sha256', key).update(secret, 'latin1').digest('hex').slice(0, digits);
      mark = `[REDACTED:${rule}:${hash}]`;
      if (known.size >= capacity) known.clear();
      known.set(secret, mark);
    }
    return mark;
  };
}

import { createHmac } from 'node:crypto';
import { Answers } from './answers.ts';
import { isRandom, shapeOf } from './entropy.ts';
import type { Memory } from './memory.ts';
import { rank } from './rules/rule.ts';
import type { Finding } from './scanner.ts';

/** Hex digits of the keyed hash in a mark. */
const digits = 8;
/** Secrets that are known again: the same ones come again and again. */
const capacity = 4096;

/** What was worked out about a secret, and for the rule that found it last its mark. */
interface Seen {
  readonly hash: string;
  readonly isLearnable: boolean;
  isOdd?: boolean;
  /** Its name in the memory. */
  check?: string;
  rule: string;
  mark: string;
}

/**
 * The text that takes a secret's place: plain ASCII that needs no escape in JSON. The same secret
 * gives the same mark wherever the same key is used. What is worth knowing is learnt.
 */
export function createMarks(key: Uint8Array, memory: Memory): (finding: Finding) => string {
  const seen = new Answers<Seen>(capacity);

  function see(secret: string): Seen {
    const known = seen.get(secret);
    if (known !== undefined) return known;
    const hash = createHmac('sha256', key).update(secret, 'latin1').digest('hex').slice(0, digits);
    const about = { hash, isLearnable: isLearnable(secret), rule: '', mark: '' };
    seen.set(secret, about);
    return about;
  }

  return ({ rule, rank: given, secret }) => {
    const about = see(secret);
    if (about.rule !== rule) {
      about.rule = rule;
      about.mark = `[REDACTED:${rule}:${about.hash}]`;
    }
    if (!about.isLearnable) return about.mark;
    if (given < rank.token) about.isOdd ??= isOdd(secret);
    if (given >= rank.token || about.isOdd) {
      about.check ??= memory.checkOf(secret);
      memory.learn(about.check, rule, secret, about.mark);
    }
    return about.mark;
  };
}

/** Long enough, and no number, that it means the same wherever it stands. */
function isLearnable(secret: string): boolean {
  if (secret.length < 8) return false;
  const beginning = shapeOf(secret.slice(0, 64));
  return beginning.digits < beginning.length;
}

/** Where no rule knows it by its form: nothing that a text may hold by chance. */
function isOdd(secret: string): boolean {
  if (isRandom(secret, 12)) return true;
  const shape = shapeOf(secret.slice(0, 64));
  const kinds = [shape.digits, shape.lower, shape.upper, shape.other].filter((count) => count > 0).length;
  return kinds >= 3 || (kinds === 2 && shape.length >= 10 && shape.digits > 0);
}

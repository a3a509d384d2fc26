import { isHarmless, isPlaceholder, isUuid } from './allow.ts';
import { entropy, isRandom } from './entropy.ts';

const token = /[A-Za-z0-9_.~+/=-]{20,}/g;
/** What is longer is data: an image, a signature. */
const longest = 200;
/** Hashes, and the ids of messages and calls. */
const known = /^(?:[0-9a-f]+|[0-9A-F]+|(?:toolu|msg|req|call|fc|rs|resp|item|chatcmpl)[_-]\w+)$/;

/** Tokens of `least` bits a character or more, whatever stands around them. */
export function findUnknown(
  block: Buffer,
  least: number,
  report: (from: number, to: number, secret: string) => void,
): void {
  for (const match of block.toString('latin1').matchAll(token)) {
    const [run] = match;
    // The letter of an escape such as `\n` is not part of the run behind it.
    const skip = block[match.index - 1] === 0x5c ? 1 : 0;
    const secret = run.slice(skip);
    if (secret.length > longest || known.test(secret) || isUuid(secret) || isHarmless(secret) || isPlaceholder(secret))
      continue;
    if (isRandom(secret, 20) && entropy(secret) >= least) report(match.index + skip, match.index + run.length, secret);
  }
}

import type { Argv } from 'yargs';
import { CairnError } from '../errors.ts';
import type { Entropy } from '../secrets.ts';

/** `--entropy`, which overrides `[entropy] anywhere` of the configuration. */
export function entropyOption<T>(yargs: Argv<T>) {
  return yargs.option('entropy', {
    type: 'string',
    describe: 'Replace unknown tokens of so many bits a character, wherever they stand; `off`: none',
  });
}

/** @throws CairnError `usage` */
export function parseEntropy(text: string | undefined): Entropy | undefined {
  if (text === undefined || text === 'off') return text;
  const bits = Number(text);
  if (text.trim() !== '' && bits >= 0 && bits <= 8) return bits;
  throw new CairnError('usage', `expected bits from 0 to 8, or off, for --entropy, got ${JSON.stringify(text)}`, {
    hint: 'words have 2 to 3.5 bits a character, random tokens 4 to 5; try --entropy 4.2',
  });
}

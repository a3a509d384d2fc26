import type { Argv } from 'yargs';
import { CairnError } from '../errors.ts';
import type { Redaction } from '../redact/open.ts';

/** `--entropy`, which overrides `[entropy] anywhere` of the configuration. */
export function entropyOption<T>(yargs: Argv<T>) {
  return yargs.option('entropy', {
    type: 'string',
    describe: 'Replace unknown tokens of so many bits a character, wherever they stand; `off`: none',
  });
}

/** @throws CairnError `usage` */
export function withEntropy(redaction: Redaction, entropy: string | undefined): Redaction {
  if (entropy === undefined) return redaction;
  const bits = entropy === 'off' ? undefined : Number(entropy);
  if (bits !== undefined && !(entropy.trim() !== '' && bits >= 0 && bits <= 8)) {
    throw new CairnError('usage', `expected bits from 0 to 8, or off, for --entropy, got ${JSON.stringify(entropy)}`, {
      hint: 'words have 2 to 3.5 bits a character, random tokens 4 to 5; try --entropy 4.2',
    });
  }
  const settings = redaction.settings ?? { disable: [], rules: [], allow: [], names: [] };
  return { ...redaction, settings: { ...settings, anywhere: bits } };
}

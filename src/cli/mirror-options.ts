import type { Argv } from 'yargs';
import { CairnError } from '../errors.ts';
import type { Globals } from './command.ts';

/** Options of all commands that write to the bucket what an agent said. */
export function writeOptions<T extends Globals>(yargs: Argv<T>) {
  return yargs
    .option('redact', {
      type: 'boolean',
      default: true,
      describe: 'Take secrets out; --no-redact demands --yes-i-trust-this-bucket unless the bucket is a local folder',
    })
    .option('yes-i-trust-this-bucket', { type: 'boolean', default: false, hidden: true })
    .option('compress', { type: 'number', default: 3, describe: 'gzip level, 0 to 9' })
    .option('single-writer', {
      type: 'boolean',
      default: false,
      describe: 'For a store that ignores conditions: promise that nobody else writes',
    });
}

/** @throws CairnError `usage` where text would leave the host unredacted without a word from the user */
export function checkTrust(bucket: string, redact: boolean, trusted: boolean): void {
  if (redact || trusted || bucket.startsWith('file:')) return;
  throw new CairnError('usage', `expected --yes-i-trust-this-bucket beside --no-redact: ${bucket} is no local folder`, {
    hint: 'without redaction every secret that an agent saw is readable by everyone who can read the bucket',
  });
}

import { readFile } from 'node:fs/promises';
import { CairnError } from '../errors.ts';
import { createFile } from './durable-file.ts';
import { fileError } from './file-error.ts';

const KEY_BYTES = 32;

/**
 * The user's key, made at first use: 32 bytes as one line of hexadecimal, mode 0600, so that a team can
 * copy it to its hosts. Of processes that make it at the same time one wins, and all read what it wrote.
 * @param temporary a name beside `path` that no other process uses
 * @throws CairnError `config` for a file that holds no key, `denied`, `disk-full`
 */
export async function loadKey(
  path: string,
  temporary: string,
  random: (bytes: number) => Uint8Array,
): Promise<Uint8Array> {
  let text = await read(path);
  if (text === undefined) {
    await createFile(path, `${Buffer.from(random(KEY_BYTES)).toString('hex')}\n`, temporary);
    text = (await read(path)) ?? '';
  }
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new CairnError('config', `expected 64 hexadecimal digits in ${path}, got something else`, {
      hint: 'copy the key of another of your hosts there; or move the file away: a new key takes what is mirrored for another source',
    });
  }
  return Buffer.from(digits, 'hex');
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('the key', path, cause);
  }
}

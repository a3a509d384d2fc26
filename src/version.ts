import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in the package's own manifest, from `src` and from `dist/src`. */
export function version(): string {
  for (const folder of ['../..', '..']) {
    try {
      return JSON.parse(readFileSync(join(import.meta.dirname, folder, 'package.json'), 'utf8')).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('this installation has no package.json');
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where `path` lies in a folder `shared` that somebody put beside the checkout, or beside the folder of its worktrees;
 * undefined where there is none. What lies there is no part of the project.
 */
export function sharedData(path: string): string | undefined {
  let folder = join(import.meta.dirname, '../..');
  for (;;) {
    const found = join(folder, 'shared/data', path);
    if (existsSync(found)) return found;
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

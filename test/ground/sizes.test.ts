import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const limit = 15_000;
/** Nobody reads it: its source is the folder `src/redact/wasm`. */
const generated = 'src/redact/engine-code.ts';

test.each(['src', 'harnesses'])('no file in %s is over 15 kB', async (folder) => {
  const large: string[] = [];
  for (const path of await sources(folder)) {
    if (path !== generated && (await stat(path)).size > limit) large.push(path);
  }
  expect(large).toEqual([]);
});

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(0);
  return files;
}

import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** Before all tests: compiles the program that some of them run, unless `dist` is newer than its source. */
export default async function build(): Promise<void> {
  const built = await newest(['dist']);
  if (built < (await newest(['src', 'harnesses', 'package.json', 'tsconfig.json']))) {
    await promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: root });
  }
}

/** When a file of these last changed, milliseconds since 1970; 0 where there is none. */
async function newest(names: readonly string[]): Promise<number> {
  const files: string[] = [];
  for (const name of names) {
    const entries = await readdir(join(root, name), { recursive: true }).catch(() => ['']);
    files.push(...entries.map((entry) => join(root, name, entry)));
  }
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}

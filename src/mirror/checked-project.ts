import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../runtime.ts';
import { readJson, replaceState } from './durable-file.ts';
import { localPlace } from './local-place.ts';

/** A project's format rises seldom, and whether it is encrypted never changes; but its bucket may be made anew. */
const CHECK_EVERY_MS = 86_400_000;

interface Checked {
  readonly v: 1;
  readonly at: number;
  readonly encrypted?: boolean;
}

/** What this host found out about a project less than a day ago. */
export interface CheckedProject {
  /** Whether it is encrypted, where that is known. */
  encrypted(): Promise<boolean | undefined>;
  learned(encrypted: boolean): Promise<void>;
  /** Whether a writer found it there, in a store that is fit. */
  isFit(): Promise<boolean>;
  /** @throws CairnError `denied`, `disk-full` */
  fit(encrypted: boolean): Promise<void>;
  /** What is remembered is not so. */
  forget(): Promise<void>;
}

export function checkedProject(folder: string, url: string, project: string, runtime: Runtime): CheckedProject {
  const path = join(folder, `${localPlace(url, project)}.json`);
  // What a reader has seen tells a writer nothing of the store.
  const seen = join(folder, `${localPlace(url, project)}.seen.json`);
  const isChecked = (value: unknown): value is Checked => (value as Checked | null)?.v === 1;
  const read = async (file: string) => {
    const checked = await readJson(file, isChecked);
    const age = runtime.now() - (checked?.at ?? 0);
    return age >= 0 && age < CHECK_EVERY_MS ? checked : undefined;
  };
  const write = (file: string, encrypted: boolean) =>
    replaceState(
      file,
      JSON.stringify({ v: 1, at: runtime.now(), encrypted } satisfies Checked),
      `${file}.${runtime.id()}`,
    );
  return {
    encrypted: async () => (await read(path))?.encrypted ?? (await read(seen))?.encrypted,
    learned: (encrypted) => write(seen, encrypted).catch(() => {}), // to read, nothing need be written
    isFit: async () => (await read(path)) !== undefined,
    fit: (encrypted) => write(path, encrypted),
    async forget() {
      await Promise.all([path, seen].map((file) => unlink(file).catch(() => {})));
    },
  };
}

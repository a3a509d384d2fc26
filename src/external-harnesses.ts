import { pathToFileURL } from 'node:url';
import { CairnError } from './errors.ts';
import type { Harness } from './harness/types.ts';

const functions = ['roots', 'watched', 'discover', 'read', 'adopt', 'select', 'prove', 'summarise'] as const;

/**
 * Harnesses from outside the package: the default exports of modules, by their absolute paths.
 * @param known names that are taken
 * @throws CairnError `config`, naming the module
 */
export async function loadHarnesses(paths: readonly string[], known: readonly string[]): Promise<readonly Harness[]> {
  const taken = new Set(known);
  const loaded: Harness[] = [];
  for (const path of paths) {
    const harness = checkHarness(path, await load(path));
    if (taken.has(harness.name)) {
      throw refused(path, `a harness with a name of its own, got a second ${JSON.stringify(harness.name)}`);
    }
    taken.add(harness.name);
    loaded.push(harness);
  }
  return loaded;
}

async function load(path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw refused(path, `a module, got ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function checkHarness(path: string, value: unknown): Harness {
  if (typeof value !== 'object' || value === null) throw refused(path, 'a harness as the default export, got none');
  const harness = value as Harness;
  if (typeof harness.name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(harness.name)) {
    throw refused(path, `a name of lower-case letters, digits and -, got ${JSON.stringify(harness.name)}`);
  }
  if (typeof harness.title !== 'string' || !Array.isArray(harness.seen))
    throw refused(path, 'a title and seen versions');
  const missing = functions.find((name) => typeof harness[name] !== 'function');
  if (missing !== undefined) throw refused(path, `a function ${missing}, got none`);
  return harness;
}

function refused(path: string, what: string, cause?: unknown): CairnError {
  return new CairnError('config', `expected ${what}: ${path}`, {
    cause,
    hint: 'correct the module, or take it out of harnesses in the configuration; docs/harnesses.md shows two',
  });
}

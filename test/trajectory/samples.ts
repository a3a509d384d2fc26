import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const samples = join(import.meta.dirname, '../samples');

/** The plain transcripts of both agents that keep files: name of the harness and path. */
export function samplePaths(): readonly (readonly [harness: string, path: string])[] {
  return ['claude-code', 'codex'].flatMap((harness) => {
    const folder = join(samples, harness);
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    return paths.filter((path) => path.endsWith('.jsonl')).map((path) => [harness, join(folder, path)] as const);
  });
}

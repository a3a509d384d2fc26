import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Chunk, Cursor, Harness, ReadOptions, SessionRef, SourceKey, StreamRef } from '../../src/harness/index.ts';

export const key: SourceKey = keyOf('a key of this test');

export function keyOf(secret: string): SourceKey {
  return {
    hmac() {
      const hmac = createHmac('sha256', secret);
      return { update: (bytes) => void hmac.update(bytes), digest: () => hmac.digest('hex') };
    },
  };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-harness-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const readOptions: ReadOptions = {
  key,
  chunkBytes: 8 * 1024 * 1024,
  blob: async ({ stamp }) => ({ sha256: 'f'.repeat(64), size: stamp.size }),
};

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function discovered(harness: Harness, root: string, extras = false): Promise<SessionRef[]> {
  const problems: unknown[] = [];
  const sessions = await all(harness.discover(root, { report: (problem) => problems.push(problem), extras }));
  if (problems.length > 0) throw new Error(`discovery reported ${JSON.stringify(problems)}`, { cause: problems });
  return sessions;
}

export interface Read {
  readonly chunks: readonly Chunk[];
  readonly bytes: Buffer;
  readonly cursor: Cursor | undefined;
  readonly pending: number;
  readonly reset: Chunk['reset'];
}

export async function readAll(
  harness: Harness,
  stream: StreamRef,
  cursor?: Cursor,
  options: Partial<ReadOptions> = {},
): Promise<Read> {
  const chunks = await all(harness.read(stream, cursor, { ...readOptions, ...options }));
  const last = chunks.at(-1);
  return {
    chunks,
    bytes: Buffer.concat(chunks.map(({ bytes }) => bytes)),
    cursor: last?.to,
    pending: last?.pending ?? 0,
    reset: last?.reset,
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

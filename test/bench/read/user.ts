import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../src/app.ts';
import { type Measure, measure } from '../measure.ts';
import { cairnCommand } from '../tools.ts';

/** A user with a bucket in a folder, in a home of their own that is removed in the end. */
export interface BenchUser {
  readonly home: string;
  readonly bucket: string;
  readonly host: Host;
  run(...args: readonly string[]): Promise<Measure>;
}

export async function withUser<T>(work: (user: BenchUser) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'cairn-bench-read-'));
  const env = { HOME: home, PATH: process.env.PATH, CLAUDE_CONFIG_DIR: join(home, '.claude') };
  const bucket = `file://${join(home, 'bucket')}`;
  const place = { home, cwd: home, machine: 'bench', login: 'bench', uid: undefined, platform: 'linux' } as const;
  const run = (...args: readonly string[]) =>
    measure([...cairnCommand, ...args, '--bucket', bucket], { cwd: home, env });
  try {
    return await work({ home, bucket, host: { env, ...place }, run });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';
import { temporaryFolder } from './rig.ts';

const first = Number(process.env.CAIRN_SEED ?? 1);
const seeds = Number(process.env.CAIRN_SEEDS ?? 60);

describe('random histories', () => {
  for (const mirrors of [1, 2]) {
    for (const loseState of [false, true]) {
      for (const during of [false, true]) {
        it(`${mirrors} mirrors, state ${loseState ? 'sometimes lost' : 'kept'}, source changes ${during ? 'at any time' : 'between runs'}`, async () => {
          const root = await temporaryFolder();
          for (let seed = first; seed < first + seeds; seed++) {
            const folder = join(root, String(seed));
            mkdirSync(folder);
            try {
              await runHistory(folder, { seed, mirrors, steps: 8, loseState, during });
            } catch (error) {
              throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
            }
            rmSync(folder, { recursive: true, force: true });
          }
          expect(seeds).toBeGreaterThan(0);
        }, 600_000);
      }
    }
  }
});

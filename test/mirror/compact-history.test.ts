import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';
import { temporaryFolder } from './rig.ts';

const first = Number(process.env.CAIRN_SEED ?? 1);
const seeds = Number(process.env.CAIRN_SEEDS ?? 40);

describe('random histories over days, with packing beside the mirrors and states of long ago', () => {
  for (const mirrors of [1, 2]) {
    for (const loseState of [false, true]) {
      it(`${mirrors} mirrors, state ${loseState ? 'sometimes lost' : 'kept'}`, async () => {
        const root = await temporaryFolder();
        let packed = 0;
        for (let seed = first; seed < first + seeds; seed++) {
          const folder = join(root, String(seed));
          mkdirSync(folder);
          try {
            packed += (await runHistory(folder, { seed, mirrors, steps: 8, loseState, during: true, compact: true }))
              .packed;
          } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
          }
          rmSync(folder, { recursive: true, force: true });
        }
        expect(packed).toBeGreaterThan(seeds);
      }, 600_000);
    }
  }
});

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutWriter } from '../sqlite/writer.ts';
import { runDatabaseHistory } from './database-history.ts';
import { temporaryFolder } from './rig.ts';

const first = Number(process.env.CAIRN_SEED ?? 1);
const seeds = Number(process.env.CAIRN_SEEDS ?? 12);

describe.skipIf(withoutWriter !== undefined)('random histories of a database', () => {
  for (const harness of ['hermes', 'openclaw'] as const) {
    for (const [name, options] of Object.entries({
      'compared after every run': { mirrors: 1, loseState: false, during: false, faults: false },
      'runs killed': { mirrors: 1, loseState: false, during: false, faults: true },
      'runs killed, the database changes at any time': { mirrors: 1, loseState: false, during: true, faults: true },
      'two mirrors, state sometimes lost': { mirrors: 2, loseState: true, during: false, faults: true },
      'two mirrors, state sometimes lost, the database changes at any time': {
        mirrors: 2,
        loseState: true,
        during: true,
        faults: true,
      },
    })) {
      it(`${harness}: ${name}`, async () => {
        const root = await temporaryFolder();
        for (let seed = first; seed < first + seeds; seed++) {
          const folder = join(root, String(seed));
          mkdirSync(folder);
          try {
            await runDatabaseHistory(folder, { harness, seed, steps: 8, ...options });
          } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
          }
          rmSync(folder, { recursive: true, force: true });
        }
        expect(seeds).toBeGreaterThan(0);
      }, 600_000);
    }
  }
});

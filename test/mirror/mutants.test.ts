import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const place = join(root, 'build/mutants');
const run = promisify(execFile);

/** Faults that the protocol must not have. The random histories are worth something if they find each of them. */
const mutants: readonly {
  readonly fault: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The histories that find it, where not the plain ones. */
  readonly found?: string;
}[] = [
  {
    fault: 'no intent before the part',
    file: 'src/mirror/flush.ts',
    from: 'record.pending = [...record.pending, { w: header.w, to: part.to }];',
    to: '',
  },
  {
    fault: 'the cursor is saved before the part is in',
    file: 'src/mirror/flush.ts',
    from: 'await stream.save(); // the intent first',
    to: 'record.cursor = part.to; await stream.save();',
  },
  {
    fault: 'the old epoch is closed before the new one is open',
    file: 'src/mirror/epoch.ts',
    from: '  else await open(stream, { reason, departs: null });',
    to: "  else { await open(stream, { reason, departs: null }); if (record.closing) record.closing.next = record.epoch; await (await import('./close.ts')).close(stream); }",
  },
  {
    fault: 'a part is adopted without its hash',
    file: 'src/harness/file-tail.ts',
    from: 'complete && hmac.digest() === part.source',
    to: 'complete',
  },
  {
    fault: 'a part is adopted though what stands before it has changed',
    file: 'src/harness/file-tail.ts',
    from: 'return previous?.offset === offset ? prefixAt(source, previous) : undefined;',
    to: "return (previous?.offset === offset ? await prefixAt(source, previous) : undefined) ?? (await import('./select.ts')).foldPrefix(source, offset);",
  },
  {
    fault: 'a writer with an old cursor does not look before it writes',
    file: 'src/mirror/flush.ts',
    from: '  if (lookedAt === undefined) return true;',
    to: '  if (lookedAt !== 1) return false;',
    found: 'compact-history',
  },
  {
    fault: 'a reader that listed before does not look for packs',
    file: 'src/mirror/parts.ts',
    from: 'return findPack(this.#store, place, this.#options);',
    to: 'return undefined;',
    found: 'compact-history',
  },
  {
    fault: 'parts are removed behind the gap that a pack leaves',
    file: 'src/mirror/compact-plan.ts',
    from: 'return { ...runOf(parts.filter(({ seq }) => isHere(seq))), pack };',
    to: 'return { ...runOf(parts.filter(({ seq }) => isHere(seq) || seq === pack.last + 1)), pack };',
    found: 'compact-history',
  },
];

// Minutes of work that say nothing about the Node they run on: CI leaves them out of its second run.
describe.skipIf(process.env.CAIRN_SKIP_MUTANTS === '1')('the random histories find', () => {
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  for (const [n, { fault, file, from, to, found = 'history' }] of mutants.entries()) {
    it(fault, async () => {
      const copy = join(place, String(n));
      rmSync(copy, { recursive: true, force: true });
      mkdirSync(copy, { recursive: true });
      for (const folder of ['src', 'harnesses', 'test/mirror'])
        cpSync(join(root, folder), join(copy, folder), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
      writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
      writeFileSync(join(copy, 'vitest.config.js'), 'export default {};'); // else the project's own is found
      const source = readFileSync(join(copy, file), 'utf8');
      expect(source.split(from).length, `${file} has the line that is changed`).toBe(2);
      writeFileSync(
        join(copy, file),
        source.replace(from, () => to),
      );
      const vitest = join(root, 'node_modules/vitest/vitest.mjs');
      const arguments_ = [
        vitest,
        'run',
        '--root',
        copy,
        '--bail',
        '1',
        '--test-timeout',
        '600000',
        `test/mirror/${found}.test.ts`,
      ];
      const env = { ...process.env, CAIRN_SEED: '1', CAIRN_SEEDS: '400', VITEST: undefined, NODE_ENV: undefined };
      const outcome = await run(process.execPath, arguments_, { env, maxBuffer: 1 << 26 }).then(
        () => 'nothing',
        (error) => String(error.stdout) + String(error.stderr),
      );
      expect(outcome).toMatch(/seed \d+: /);
    }, 300_000);
  }
});

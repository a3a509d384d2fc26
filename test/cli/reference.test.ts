import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram, commandPaths, groups } from '../../src/cli/program.ts';
import { makeReference } from '../../src/cli/reference.ts';

test('docs/cli.md is what the program says: else run `npm run docs`', async () => {
  const file = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cli.md'), 'utf8');
  expect(file).toBe(await makeReference());
});

const paths = (await commandPaths()).filter(([name, inner]) => inner ?? !groups.some((group) => group.name === name));

test.each(paths)('%s %s shows an example in --help', async (...path) => {
  const args = [...path, '--help'];
  let help = '';
  const program = await buildProgram(args, async () => {});
  await program.parseAsync(args, {}, (_error, _args, text) => {
    help = text;
  });
  expect(help).toContain(`Examples:\n  cairn ${args.slice(0, -1).join(' ')}`);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram, commands, groups } from '../../src/cli/program.ts';
import { makeReference } from '../../src/cli/reference.ts';

test('docs/cli.md is what the program says: else run `npm run docs`', async () => {
  const file = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'cli.md'), 'utf8');
  expect(file).toBe(await makeReference());
});

const paths = [
  ...groups.flatMap(({ name, commands: inner }) => inner.map((command) => [name, command.name])),
  ...commands.map((command) => [command.name]),
];

test.each(paths)('%s %s shows an example in --help', async (...path) => {
  const args = [...path.filter((name) => name !== undefined), '--help'];
  let help = '';
  await buildProgram(args, async () => {}).parseAsync(args, {}, (_error, _args, text) => {
    help = text;
  });
  expect(help).toContain(`Examples:\n  cairn ${args.slice(0, -1).join(' ')}`);
});

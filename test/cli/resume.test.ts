import { expect, test } from 'vitest';
import { writeSampleHome } from '../../src/cli/demo-sample.ts';
import { expectFailure, User } from './cairn.ts';

const session = '5b0f6c1e-0a52-4c7e-9b1d-3f2a6d8e4c10';

test.each([[[]], [['--in', 'codex']]])('a folder to work in that is not there is told: resume %j', async (options) => {
  const user = await User.create();
  await writeSampleHome(user.home);
  expect((await user.run('session', 'mirror', '--all')).exit).toBe(0);
  const missing = ['--cwd', 'nowhere', '--dry-run', '--no-json'];
  expectFailure(
    await user.run('session', 'resume', session, ...options, ...missing),
    2,
    /expected a folder to work in, got .*nowhere/,
  );
});

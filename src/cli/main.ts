#!/usr/bin/env node
import { constants } from 'node:os';

const argv = process.argv.slice(2);

// The AWS SDK announces on stderr which Node its later versions will want: nothing that a user of this one can act on.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A reader that went away (`| head`) wants no more: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { version } = await import('../version.ts');
  process.stdout.write(`${version()}\n`);
} else {
  const { runCommandLine } = await import('./run.ts');
  const controller = new AbortController();
  let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
  const stop = (signal: 'SIGINT' | 'SIGTERM') => {
    const exit = 128 + constants.signals[signal];
    if (stoppedBy) process.exit(exit); // the second time: at once
    stoppedBy = signal;
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const { stdin, stdout, stderr, env } = process;
  const exit = await runCommandLine({ argv, stdin, stdout, stderr, env, signal: controller.signal });
  process.exitCode = exit === 0 && stoppedBy ? 128 + constants.signals[stoppedBy] : exit;
}

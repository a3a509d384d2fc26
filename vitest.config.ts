import { defineConfig } from 'vitest/config';

const report = process.env.CAIRN_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    // Real stores, child processes and property tests on two busy cores: a limit for what hangs, not a measure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As the program sets it (src/cli/main.ts).
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Live watches and processes that are killed, on a busy machine: what fails twice is a fault; what failed once is
    // named from the report by `.ci/run`. A property's counterexample is a fault at once: another try draws another seed.
    retry: report ? { count: 1, condition: /^(?!Property failed)/ } : 0,
    pool: 'forks',
    maxWorkers: 2,
    // A test that prints is a test that nobody reads: output is shown only for what fails.
    silent: 'passed-only',
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report && { outputFile: { json: report } }),
  },
});

import { expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { testRuntime } from './runtime.ts';
import { startS3Double } from './s3-double.ts';

// A file of its own: the SDK warns once a process, and not again after another test.
it('writes nothing to the console and leaves the environment as it was', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test-key';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test-secret';
  const double = await startS3Double();
  const emitted: unknown[] = [];
  const listen = (warning: unknown) => emitted.push(warning);
  process.on('warning', listen);
  const before = { ...process.env };
  const consoles = (['log', 'warn', 'error', 'info', 'debug'] as const).map((name) => vi.spyOn(console, name));
  const store = await openStore(`s3://double?endpoint=${double.endpoint}`, { env: {}, runtime: testRuntime() });
  double.fault('PUT', { kind: 'reset', after: false });
  await store.create('quiet', { size: 1, open: async function* () {} }).catch(() => {});
  await store.create('quiet', new Uint8Array(1));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  for (const spy of consoles) expect(spy).not.toHaveBeenCalled();
  expect(emitted).toEqual([]);
  expect(process.env).toEqual(before);
  await store.close();
  await double.close();
});

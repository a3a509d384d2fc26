import { expect, it } from 'vitest';
import { ageOf, type ServiceStatus } from '../../src/mirror/service-folder.ts';

it('how old a status is, whatever becomes of the clock that people read', () => {
  const written = Date.parse('2026-11-21T10:00:00.000Z');
  const status = {
    at: new Date(written).toISOString(),
    uptime: 1000,
    process: { pid: 1, started: '1', boot: 'this' },
  } as ServiceStatus;
  const host = (hours: number, boot = 'this') => ({
    now: () => written + 20_000 + hours * 3_600_000,
    uptime: () => 1020,
    boot,
  });
  for (const hours of [0, 1, -1, 24, -24]) expect(ageOf(status, host(hours))).toBe(20_000);
  // The host was started anew since.
  expect(ageOf(status, host(1, 'other'))).toBe(3_620_000);
});

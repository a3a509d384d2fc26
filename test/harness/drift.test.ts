import { expect, test } from 'vitest';
import { drift } from '../../src/harness/index.ts';

const harness = { title: 'Agent', seen: ['1.9.0', '1.10.2'], schemas: ['30'] };
const kinds = (session: Partial<Parameters<typeof drift>[0]>, of: Parameters<typeof drift>[1] = harness) =>
  drift({ records: 100, unknown: 0, ...session }, of).map(({ kind }) => kind);

test('what was seen, or is older, is no sign', () => {
  for (const agentVersion of ['1.9.0', '1.10.2', '1.10.1', '0.1'])
    expect(kinds({ agentVersion, schema: '30' })).toEqual([]);
  expect(kinds({})).toEqual([]);
  expect(kinds({ agentVersion: '9', schema: '9' }, { title: 'Agent', seen: [] })).toEqual([]);
});

test('a newer version, another schema, many unknown records', () => {
  expect(kinds({ agentVersion: '1.11.0' })).toEqual(['version']);
  expect(kinds({ schema: '29' })).toEqual(['schema']);
  expect(kinds({ unknown: 6 })).toEqual(['records']);
  expect(kinds({ unknown: 5 })).toEqual([]);
  // A few records say nothing.
  expect(kinds({ records: 10, unknown: 9 })).toEqual([]);
  expect(kinds({ agentVersion: '2.0', schema: '31', unknown: 50 })).toEqual(['version', 'schema', 'records']);
});

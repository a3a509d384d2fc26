import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Scan, ScanFinding } from '../mirror/scan.ts';
import { chosenSessions } from './chosen-sessions.ts';
import { defineCommand } from './command.ts';
import { tallyOf } from './redact-tally.ts';
import { count, visible } from './text.ts';

export const scanCommand = defineCommand({
  usage: 'scan [id]',
  describe: 'Look through sessions in the bucket with the rules of today, and take out what was missed',
  examples: [
    ['cairn redact scan', 'every session; only reports'],
    ['cairn redact scan 49d9aac8 --fix', 'writes one anew without what is found, and removes the old parts'],
  ],
  epilogue:
    'Exit code 0: nothing was found, or all of it was taken out; 1: something was found. A mirror that is still writing follows. Copies that others made, and versions that the store itself keeps, are not reached: change a secret that was there.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id; default every session' })
      .option('fix', { type: 'boolean', default: false, describe: 'Replace what is found' })
      .option('single-writer', {
        type: 'boolean',
        default: false,
        describe: 'For a store that ignores conditions: promise that nobody else writes',
      }),
  async run(args, { output, app: open, signal }) {
    const { scanSession } = await import('../mirror/scan.ts');
    const app = await open();
    const scanOf = await openScans(app, args.singleWriter, signal);
    const totals: Record<string, number> = {};
    let dirty = 0;
    let sessions = 0;
    for await (const address of await chosenSessions(app, args.id, signal)) {
      sessions++;
      const { harness, session } = address;
      let isDirty = false;
      for await (const finding of scanSession(await scanOf(), address, args.fix)) {
        if (finding.event === 'found') {
          isDirty = true;
          for (const [rule, n] of Object.entries(finding.redactions)) totals[rule] = (totals[rule] ?? 0) + n;
        }
        if (output.json) await output.object({ harness, session, ...finding });
        else await output.line(visible(`${harness}/${session} ${describe(finding)}`));
      }
      if (isDirty) dirty++;
    }
    if (dirty === 0) {
      output.note(`nothing found in ${count(sessions, 'session')}`);
      return undefined;
    }
    const found = `${tallyOf(totals)}, in ${dirty} of ${count(sessions, 'session')}`;
    if (args.fix) {
      output.note(`took out ${found}`);
      return undefined;
    }
    throw new CairnError('differs', `expected nothing to redact in the bucket, found ${found}`, {
      hint: '`cairn redact scan --fix` takes it out; change these secrets, they were readable',
    });
  },
});

function describe(finding: ScanFinding): string {
  if (finding.event === 'replaced') return `${finding.stream}: replaced`;
  const place = 'blob' in finding ? `blob ${finding.blob}` : `epoch ${finding.epoch} part ${finding.seq}`;
  const what =
    finding.event === 'skipped' ? `too large to look into, ${finding.bytes} bytes` : tallyOf(finding.redactions);
  return `${finding.stream}: ${place}: ${what}`;
}

/** A scan for each session: its redactor knows that session alone. */
async function openScans(app: App, singleWriter: boolean, signal: AbortSignal): Promise<() => Promise<Scan>> {
  const { readRedaction } = await import('../secrets.ts');
  const { openState } = await import('../app.ts');
  const { sourceKey } = await import('../mirror/source-key.ts');
  const { openRedactor } = await import('../redact/open.ts');
  const { version } = await import('../version.ts');
  const redaction = await readRedaction(app);
  const { mirror } = await openState(app);
  const store = app.writing({ singleWriter });
  return async () => ({
    store,
    runtime: app.runtime,
    key: sourceKey(redaction.key),
    writer: { mirror, host: app.host.machine, version: version() },
    reason: 'redacted',
    redactor: openRedactor(redaction),
    signal,
  });
}

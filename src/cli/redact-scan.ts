import type { App } from '../app.ts';
import type { SharedFinding } from '../coordination/scan.ts';
import { CairnError } from '../errors.ts';
import type { Scan, ScanFinding } from '../mirror/scan.ts';
import type { Redaction } from '../redact/open.ts';
import type { Redactor } from '../redact/types.ts';
import { chosenSessions } from './chosen-sessions.ts';
import { defineCommand } from './command.ts';
import { entropyOption, parseEntropy } from './redact-entropy.ts';
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
    entropyOption(yargs)
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id; default every session' })
      .option('fix', { type: 'boolean', default: false, describe: 'Replace what is found' })
      .option('single-writer', {
        type: 'boolean',
        default: false,
        describe: 'For a store that ignores conditions: promise that nobody else writes',
      }),
  async run(args, { output, app: open, signal }) {
    const { readRedaction, withEntropy } = await import('../secrets.ts');
    const { openRedactor } = await import('../redact/open.ts');
    const { scanSession } = await import('../mirror/scan.ts');
    const app = await open();
    const redaction = withEntropy(await readRedaction(app), parseEntropy(args.entropy));
    const scanOf = await openScans(app, redaction, args.singleWriter, signal);
    const totals: Record<string, number> = {};
    const dirty = new Set<string>();
    let sessions = 0;
    let shared = 0;
    const tell = async (place: string, finding: Told, shown: object) => {
      if (finding.event === 'found')
        for (const [rule, n] of Object.entries(finding.redactions)) totals[rule] = (totals[rule] ?? 0) + n;
      if (output.json) await output.object(shown);
      else await output.line(visible(`${place}${describe(finding)}`));
    };
    for await (const address of await chosenSessions(app, args.id, signal)) {
      sessions++;
      const { harness, session } = address;
      for await (const finding of scanSession(await scanOf(), address, args.fix)) {
        if (finding.event === 'found') dirty.add(`${harness}/${session}`);
        await tell(`${harness}/${session} `, finding, { harness, session, ...finding });
      }
    }
    if (args.id === undefined) {
      const { scanCatalogs } = await import('../mirror/scan-catalog.ts');
      const { scanShared } = await import('../coordination/scan.ts');
      const { store, redactor } = await scanOf();
      for await (const finding of scanCatalogs({ store, redactor, signal }, app.project, args.fix)) {
        dirty.add(`${finding.harness}/${finding.session}`);
        await tell(`${finding.harness}/${finding.session} `, finding, finding);
      }
      const fresh = () => openRedactor(redaction);
      for await (const finding of scanShared(app.store, app.project, fresh, { signal })) {
        if (finding.event === 'found') shared++;
        await tell('', finding, finding);
      }
    }
    if (args.fix && dirty.size > 0) await forget(app, dirty, openRedactor(redaction), signal);
    if (dirty.size === 0 && shared === 0) {
      output.note(`nothing found in ${count(sessions, 'session')}`);
      return undefined;
    }
    const places = [
      ...(dirty.size > 0 ? [`${dirty.size} of ${count(sessions, 'session')}`] : []),
      ...(shared > 0 ? [`${count(shared, 'object')} that agents share`] : []),
    ].join(' and ');
    const found = `${tallyOf(totals)}, in ${places}`;
    if (args.fix && shared === 0) {
      output.note(`took out ${found}`);
      return undefined;
    }
    throw new CairnError('differs', `expected nothing to redact in the bucket, found ${found}`, {
      hint: args.fix
        ? 'sessions were fixed; what agents share is history: set such values anew, and `cairn gc` removes old ones'
        : '`cairn redact scan --fix` takes it out of sessions; change these secrets, they were readable',
    });
  },
});

type Told = ScanFinding | SharedFinding;

/** The index and what this host remembers of the sessions go, too. */
async function forget(app: App, sessions: ReadonlySet<string>, redactor: Redactor, signal: AbortSignal): Promise<void> {
  const { forgetSearched } = await import('../app-search.ts');
  const { openState } = await import('../app.ts');
  const { forgetTitles } = await import('../mirror/forget.ts');
  await forgetSearched(app, sessions, signal);
  await forgetTitles(await openState(app), app.runtime, sessions, redactor);
}

function describe(finding: Told): string {
  if (finding.event === 'replaced') return `${finding.stream}: replaced`;
  const what =
    finding.event === 'skipped' ? `too large to look into, ${finding.bytes} bytes` : tallyOf(finding.redactions);
  if ('shared' in finding) return `${finding.shared}: ${what}`;
  if ('catalog' in finding) return `catalog ${finding.catalog}: ${what}`;
  const place = 'blob' in finding ? `blob ${finding.blob}` : `epoch ${finding.epoch} part ${finding.seq}`;
  return `${finding.stream}: ${place}: ${what}`;
}

/** A scan for each session: its redactor knows that session alone. */
async function openScans(
  app: App,
  redaction: Redaction,
  singleWriter: boolean,
  signal: AbortSignal,
): Promise<() => Promise<Scan>> {
  const { openState } = await import('../app.ts');
  const { sourceKey } = await import('../mirror/source-key.ts');
  const { openRedactor } = await import('../redact/open.ts');
  const { version } = await import('../version.ts');
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

import type { App } from '../app.ts';
import { CairnError, ExitCode } from '../errors.ts';
import { defineCommand } from './command.ts';
import { checkTrust, writeOptions } from './mirror-options.ts';
import type { Output } from './output.ts';
import { entropyOption, parseEntropy } from './redact-entropy.ts';
import { count } from './text.ts';
import { checkCount, parseDuration, parseSince, parseSize } from './values.ts';

export const mirrorCommand = defineCommand({
  usage: 'mirror',
  describe: 'Ship what is new in sessions of this host',
  examples: [
    ['cairn session mirror', 'the sessions of the current repository'],
    ['cairn session mirror --all --harness codex', 'every codex session of this host'],
    ['cairn session mirror --latest', 'the session of this repository that was touched last'],
    ['cairn session mirror --since 7d --all --dry-run', 'what of the last week would be shipped'],
    ['cairn session mirror --all --final', 'the last step of a CI job'],
    ['cairn session mirror --watch --all', 'every session, as it grows, until Ctrl-C'],
    ['cairn session mirror --session 49d9aac8 --detach', 'for a hook of an agent, which waits for nothing'],
  ],
  epilogue:
    'Only what is new is shipped; with nothing new no request is made. Ctrl-C stops after the part in flight; the next run goes on there.',
  options: (yargs) =>
    entropyOption(writeOptions(yargs))
      .option('harness', {
        type: 'string',
        array: true,
        describe: 'Only sessions of this agent; may be given more than once',
      })
      .option('all', { type: 'boolean', describe: 'Every session, not only those of the current repository' })
      .option('session', { type: 'string', describe: 'One session: its id, a unique beginning of it, or harness/id' })
      .option('latest', { type: 'string', describe: 'Only the newest, or the newest N' })
      .option('since', { type: 'string', describe: 'Only what was touched since: 12h, 7d, 2026-11-21' })
      .option('cwd', { type: 'string', describe: 'Sessions of the repository that this folder is in' })
      .option('kind', {
        choices: ['interactive', 'sdk', 'batch'] as const,
        array: true,
        describe:
          "Only sessions with a person, of a program through the agent's SDK, or of runs without anyone (claude -p, codex exec, cron)",
      })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would be shipped; change nothing' })
      .option('min-bytes', { type: 'string', default: '0', describe: 'Let smaller growth wait: 64KiB' })
      .option('max-wait', { type: 'string', default: '30s', describe: 'How long it waits at most' })
      .option('file-history', { type: 'boolean', describe: "Also claude-code's copies of edited files" })
      .option('watch', { type: 'boolean', describe: 'Go on: ship what is new as it is written, until Ctrl-C' })
      .option('interval', {
        type: 'string',
        default: '5s',
        describe: 'With --watch: pause between two parts of a session; 200ms or more',
      })
      .option('max-requests-per-hour', {
        type: 'number',
        describe: 'With --watch: the pause grows where more requests would be made; default mirror.budget',
      })
      .option('detach', {
        type: 'boolean',
        describe: 'Return at once: the live mirror, or a process of its own, does the work',
      })
      .option('final', {
        type: 'boolean',
        describe: 'This host is about to go: ship all, check it against the source, mark the sessions as ended',
      })
      .conflicts('watch', ['latest', 'dry-run', 'final'])
      .conflicts('final', ['dry-run'])
      .conflicts('detach', ['dry-run', 'index'])
      .option('index', { type: 'boolean', describe: 'Then bring the search index up to date, as `cairn index` does' })
      .conflicts('all', ['session', 'cwd'])
      .conflicts('session', ['latest', 'since', 'cwd']),
  async run(args, { output, app: open, signal }) {
    const { prepareMirror } = await import('../app.ts');
    const { mirrorOnce } = await import('../mirror/mirror.ts');
    const { addUsage } = await import('../mirror/usage.ts');
    const { mirrorSwitch } = await import('../config/mirroring.ts');
    const { parseWanted } = await import('../sessions/resolve.ts');
    const { reportMirror, summarise } = await import('./mirror-report.ts');
    const latest = args.latest === undefined ? undefined : checkCount('latest', Number(args.latest || 1), 1);
    const compress = checkCount('compress', args.compress, 0, 9);
    if (mirrorSwitch(process.env) === false) {
      throw new CairnError('nothing-to-do', 'expected to mirror, but CAIRN_MIRROR=off keeps all sessions on this host');
    }
    const app = await open();
    checkTrust(app.store.url, args.redact, args.yesITrustThisBucket);
    const entropy = parseEntropy(args.entropy);
    const wanted = args.session === undefined ? undefined : parseWanted(args.session).id;
    if (args.detach) {
      const { detachMirror } = await import('./mirror-detach.ts');
      const watch = args.watch === true;
      await detachMirror(app, { watch, session: wanted, argv: process.argv.slice(2) }, output, signal);
      return ExitCode.ok;
    }
    // A live mirror that runs has settings of its own.
    const asUsual = args.redact && entropy === undefined && !args.fileHistory && !args.kind;
    const canAsk = asUsual && !(args.watch || args.dryRun || args.final);
    if (canAsk && (await askLiveMirror(app, wanted, output, signal))) {
      if (args.index && !signal.aborted) await updateIndex(app, output, signal);
      return ExitCode.ok;
    }
    const run = await prepareMirror(app, {
      signal,
      redact: args.redact,
      ...(entropy !== undefined && { entropy }),
      singleWriter: args.singleWriter,
      minBytes: parseSize('min-bytes', args.minBytes),
      maxWaitMs: parseDuration('max-wait', args.maxWait),
      ...(compress !== undefined && { compress }),
      ...(args.harness && { harness: args.harness }),
      ...(args.all && { all: true }),
      ...(args.session !== undefined && { session: args.session }),
      ...(latest !== undefined && { latest }),
      ...(args.kind && { kinds: args.kind }),
      ...(args.since !== undefined && { since: parseSince('since', args.since, app.runtime.now()) }),
      ...(args.cwd !== undefined && { cwd: args.cwd }),
      ...(args.fileHistory && { fileHistory: true }),
      ...(args.dryRun && { dryRun: true }),
      ...(args.final && { end: true }),
    });
    if (args.watch) {
      const { watchMirror } = await import('./mirror-watch.ts');
      const intervalMs = Math.max(200, parseDuration('interval', args.interval));
      const requestsPerHour =
        checkCount('max-requests-per-hour', args.maxRequestsPerHour, 20) ?? app.config.mirror.budget;
      const everything = args.all === true && [args.harness, args.since, args.kind].every((wish) => wish === undefined);
      await watchMirror(app, run, { intervalMs, requestsPerHour, everything }, output);
      return ExitCode.ok;
    }
    const totals = await reportMirror(mirrorOnce(run), output, app);
    if (!args.dryRun) await addUsage(run.state.serviceFolder, app.runtime, app.traffic());
    if (totals.found === 0 && totals.failed === 0) {
      const here = args.all || args.latest !== undefined || args.since !== undefined ? '' : ` of ${run.scope.cwd}`;
      const { excluded } = totals;
      const kept =
        excluded > 0 ? `; ${count(excluded, 'session')} stay here, as mirror.exclude or a .cairn.toml says` : '';
      throw new CairnError('nothing-to-do', `expected sessions${here} on this host, found none${kept}`, {
        hint:
          here === ''
            ? '`cairn doctor` shows where sessions are looked for'
            : 'give --all for the sessions of every folder',
      });
    }
    if (!output.json && !args.dryRun && totals.sessions > totals.failed) await output.line(summarise(totals));
    if (!output.json && totals.sessions === 0 && totals.failed === 0) output.note(summarise(totals));
    if (args.index && !args.dryRun && !signal.aborted) await updateIndex(app, output, signal);
    if (totals.remaining > 0)
      output.note(`stopped: ${count(totals.remaining, 'session')} remain; run the same command again`);
    if (totals.failed > 0) {
      throw new CairnError('incomplete', `expected every session to be mirrored, ${totals.failed} failed`, {
        hint: 'see above; the others are mirrored, and the same command tries again',
      });
    }
    return signal.aborted ? undefined : ExitCode.ok;
  },
});

/** A live mirror of everything ships it all when it is asked to: false where none runs. */
async function askLiveMirror(
  app: App,
  session: string | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const { openState } = await import('../app.ts');
  const { hostProcesses } = await import('../mirror/processes.ts');
  const { ServiceFolder } = await import('../mirror/service-folder.ts');
  const folder = new ServiceFolder((await openState(app)).serviceFolder, app.runtime);
  const processes = await hostProcesses(process.pid, process.kill);
  const status = await folder.living(processes);
  if (!status?.everything) return false;
  const answer = await folder.ask(processes, session, signal);
  if (!answer) return signal.aborted;
  const { sessions = 0, failed = 0, error } = answer;
  // It may not even know such a session: a run of our own says so.
  if (session !== undefined && sessions === 0) return false;
  if (output.json) await output.object({ event: 'flushed', pid: status.process.pid, sessions, failed });
  else output.note(`the live mirror (process ${status.process.pid}) has shipped ${session ?? 'everything'}`);
  if (failed === 0 && error === undefined) return true;
  throw new CairnError(
    'incomplete',
    `expected the live mirror to ship everything, got ${error ?? `${failed} failed`}`,
    {
      hint: '`cairn service status` says why; it tries again by itself',
    },
  );
}

/** A session that cannot be indexed was mirrored all the same. */
async function updateIndex(app: App, output: Output, signal: AbortSignal): Promise<void> {
  const { updateSearch } = await import('../app-search.ts');
  for await (const event of updateSearch(app, { signal })) {
    if (event.event === 'failed')
      output.note(`not indexed: ${event.harness}/${event.session}: ${event.problem.message}`);
  }
}

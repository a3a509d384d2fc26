import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { Custody } from '../mirror/custody.ts';
import type { VerifyOptions } from '../mirror/verify.ts';
import type { SessionAddress } from '../store/keys.ts';
import { chosenSessions } from './chosen-sessions.ts';
import { defineCommand } from './command.ts';
import type { Output } from './output.ts';
import { count, formatBytes, visible } from './text.ts';

export const verifyCommand = defineCommand({
  usage: 'verify [id]',
  describe: 'Prove that a session in the bucket is whole, and equals its source where that is on this host',
  examples: [
    ['cairn session verify 49d9aac8', 'one session'],
    ['cairn session verify --all', 'every session in the bucket'],
    ['cairn session verify --all --custody', 'what of deleted sources can be shown to have been complete'],
  ],
  epilogue: 'Exit code 0: all is well; 1: something is wrong, each named with its part and byte.',
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'Id, unique beginning, or harness/id' })
      .option('all', { type: 'boolean', describe: 'Every session in the bucket' })
      .option('source', {
        type: 'boolean',
        default: true,
        describe: 'Compare with the source; --no-source: the bucket alone',
      })
      .option('custody', {
        type: 'boolean',
        describe: 'Also tell of sessions whose source was deleted whether all of it was here before',
      })
      .conflicts('all', 'id'),
  async run(args, { output, app: open, signal }) {
    const { verifySession } = await import('../mirror/verify.ts');
    if (args.id === undefined && !args.all) {
      throw new CairnError('usage', 'expected the id of a session, or --all, got neither');
    }
    const app = await open();
    const sourceOf = args.source ? await openSources(app) : undefined;
    const { Progress } = await import('./progress.ts');
    const progress = new Progress(output);
    let problems = 0;
    let unproven = 0;
    let sessions = 0;
    let bytes = 0;
    for await (const address of await chosenSessions(app, args.id, signal)) {
      sessions++;
      const name = `${address.harness}/${address.session}`;
      const source = await sourceOf?.(address);
      const { harness, session } = address;
      const before = problems;
      progress.note(`${count(sessions, 'session')}, ${formatBytes(bytes)}  ${visible(name)}`);
      const custodies: Custody[] = [];
      const options = { signal, custody: args.custody === true, ...(source && { source }) };
      for await (const finding of verifySession(app.store, address, options)) {
        if (finding.event === 'custody') {
          custodies.push(finding);
          continue;
        }
        if (finding.event === 'problem') problems++;
        if (finding.event === 'stream') bytes += finding.bytes;
        progress.clear();
        if (output.json) await output.object({ harness, session, ...finding });
        else if (finding.event === 'stream') {
          const { stream, records, bytes, parts, source: compared } = finding;
          const against = compared === undefined ? 'no source at hand' : `source ${compared}`;
          await output.line(
            `${visible(`${name} ${stream}`)}: ${count(records, 'record')}, ${formatBytes(bytes)}, ${count(parts, 'part')}; ${against}`,
          );
        } else if (finding.event === 'problem') {
          await output.line(
            output.style('red', visible(`${name} ${finding.stream ?? ''}: ${finding.kind}: ${finding.message}`)),
          );
        } else output.note(finding.message);
      }
      // Of a session in which something is wrong nothing is shown.
      for (const custody of problems === before ? custodies : []) {
        if (custody.custody === 'unproven') unproven++;
        await tellCustody(address, custody, output);
      }
    }
    progress.clear();
    if (sessions === 0) output.note('no sessions here');
    if (problems > 0) {
      throw new CairnError('differs', `expected ${count(sessions, 'session')} without a problem, found ${problems}`, {
        hint: 'what is right is still readable: `cairn session cat --epoch N`; the source can be mirrored again into a new project',
      });
    }
    if (unproven > 0) {
      throw new CairnError(
        'differs',
        `expected every deleted source to be shown complete, ${count(unproven, 'stream')} cannot be`,
        {
          hint: 'what is in the bucket is whole all the same; nobody can say whether it was all',
        },
      );
    }
    return undefined;
  },
});

async function tellCustody({ harness, session }: SessionAddress, custody: Custody, output: Output): Promise<void> {
  if (output.json) await output.object({ harness, session, ...custody });
  else if (custody.custody !== 'present') {
    const { stream, reason, bytes, completeAt, goneAt } = custody;
    const all = bytes === undefined ? 'all' : `all ${formatBytes(bytes)}`;
    const text =
      reason === undefined
        ? `${all} of its source were here since ${completeAt}; it was found deleted ${goneAt}`
        : `not shown to be complete: ${reason}`;
    await output.line(visible(`${harness}/${session} ${stream}: ${text}`));
  }
}

/** Finds sessions where they lie on this host; each agent's folders are looked through once. */
async function openSources(app: App): Promise<(address: SessionAddress) => Promise<VerifyOptions['source']>> {
  const { openState, sessionsOnHost } = await import('../app.ts');
  const { openKey } = await import('../secrets.ts');
  const { sourceKey } = await import('../mirror/source-key.ts');
  const key = sourceKey(await openKey(app));
  const state = await openState(app);
  const found = new Map<string, ReturnType<typeof sessionsOnHost>>();
  return async (address) => {
    const harness = app.harnesses.find((known) => known.name === address.harness);
    if (!harness) return undefined;
    const sessions = found.get(harness.name) ?? sessionsOnHost(app, harness);
    found.set(harness.name, sessions);
    const session = (await sessions).found.find(({ ref }) => ref.id === address.session)?.ref;
    const kept = state.session(address.harness, address.session);
    return session && { harness, session, key, record: (stream) => kept.readStream(stream) };
  };
}

import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { VerifyOptions } from '../mirror/verify.ts';
import type { SessionAddress } from '../store/keys.ts';
import { defineCommand } from './command.ts';
import { count, formatBytes, visible } from './text.ts';

export const verifyCommand = defineCommand({
  usage: 'verify [id]',
  describe: 'Prove that a session in the bucket is whole, and equals its source where that is on this host',
  examples: [
    ['cairn session verify 49d9aac8', 'one session'],
    ['cairn session verify --all', 'every session in the bucket'],
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
      .conflicts('all', 'id'),
  async run(args, { output, app: open, signal }) {
    const { verifySession } = await import('../mirror/verify.ts');
    if (args.id === undefined && !args.all) {
      throw new CairnError('usage', 'expected the id of a session, or --all, got neither');
    }
    const app = await open();
    const sourceOf = args.source ? await openSources(app) : undefined;
    let problems = 0;
    let sessions = 0;
    for await (const address of await addresses(app, args.id, signal)) {
      sessions++;
      const name = `${address.harness}/${address.session}`;
      const source = await sourceOf?.(address);
      const { harness, session } = address;
      for await (const finding of verifySession(app.store, address, { signal, ...(source && { source }) })) {
        if (finding.event === 'problem') problems++;
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
    }
    if (sessions === 0) output.note('no sessions here');
    if (problems > 0) {
      throw new CairnError('differs', `expected ${count(sessions, 'session')} without a problem, found ${problems}`, {
        hint: 'what is right is still readable: `cairn session cat --epoch N`; the source can be mirrored again into a new project',
      });
    }
    return undefined;
  },
});

async function addresses(
  app: App,
  id: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<SessionAddress> | readonly SessionAddress[]> {
  if (id === undefined) {
    const { storedSessions } = await import('../sessions/inventory.ts');
    return storedSessions(app.store, app.project, { signal });
  }
  const { resolveSession } = await import('../sessions/resolve.ts');
  return [(await resolveSession(app.store, app.project, id, { signal })).address];
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

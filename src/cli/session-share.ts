import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import type { ExportSource } from '../export/source.ts';
import type { BucketStore } from '../store/types.ts';
import { type Context, defineCommand } from './command.ts';
import { confirm } from './confirm.ts';
import { count, formatBytes, visible } from './text.ts';
import { parseDuration } from './values.ts';

/** The longest that S3 signs for. */
const longestMs = 7 * 86_400_000;

export const shareCommand = defineCommand({
  usage: 'share <id>',
  describe: 'Give out a link to a session as a page, for a while',
  examples: [
    ['cairn session share 49d9aac8', 'shows what will be visible, asks, and prints a link that works for a day'],
    ['cairn session share 49d9aac8 --expires 2h --yes', 'without a question'],
    ['cairn session share 49d9aac8 --list', 'pages that were given out and have not expired'],
    ['cairn session share 49d9aac8 --revoke', 'links that were given out lead nowhere from now on'],
  ],
  epilogue:
    "The page is that of `export --format html`, redacted once more with today's rules, and lies in the bucket until it is revoked or the command runs again after it expired. Whoever has the link reads it without credentials. Needs a bucket on S3; a project that is encrypted gives out none.",
  options: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'Id, unique beginning, or harness/id' })
      .option('expires', { type: 'string', default: '1d', describe: 'How long the link works: 2h, 1d, 7d at most' })
      .option('stream', { type: 'string', describe: 'A stream, or a unique beginning; default all transcripts' })
      .option('yes', { type: 'boolean', alias: 'y', describe: 'Do not ask' })
      .option('list', { type: 'boolean', describe: 'Only list what was given out' })
      .option('revoke', { type: 'boolean', describe: 'Remove what was given out' }),
  async run(args, context) {
    const { output, app: open, signal } = context;
    const { sessionInBucket } = await import('./session-host.ts');
    const { listShares, removeShares } = await import('../sessions/shares.ts');
    const milliseconds = parseExpires(args.expires);
    const app = await open();
    const { address } = (await sessionInBucket(app, args.id, signal)).listing;
    const { harness, session } = address;
    const now = app.runtime.now();
    if (args.list) {
      const shares = (await listShares(app.store, address, { signal })).filter(({ until }) => until >= now);
      for (const { key, size, until } of shares) {
        const expires = new Date(until).toISOString();
        if (output.json) await output.object({ harness, session, key, size, expires });
        else await output.line(`${expires}  ${formatBytes(size)}  ${key}`);
      }
      if (shares.length === 0) output.note('nothing of it is given out');
      return undefined;
    }
    const store = app.writing();
    if (args.revoke) {
      const revoked = await removeShares(store, address, { signal });
      if (output.json) await output.object({ harness, session, revoked });
      else await output.line(`${count(revoked, 'link')} of ${harness}/${session} revoked`);
      return undefined;
    }
    const link = await linkOf(store);
    await removeShares(store, address, { signal, now });
    const page = await makePage(app, args, context);
    if (!args.yes) {
      output.note(`${visible(page.title)}: ${page.seen.join(', ')}; ${formatBytes(page.html.length)}`);
      output.note(
        page.redactions === 0
          ? 'nothing more was redacted on the way'
          : `${count(page.redactions, 'secret')} redacted on the way that the bucket still holds: see \`cairn redact scan\``,
      );
      await confirm(`Make this readable for whoever has the link, for ${args.expires}? [y/N] `, context, {
        hint: 'what was read by others cannot be had back',
        declined: 'nothing was shared',
      });
    }
    const { shareKey } = await import('../store/keys.ts');
    const key = shareKey(address, Math.ceil((now + milliseconds) / 1000), app.runtime.id().replace(/[^a-z0-9]/g, ''));
    await store.overwrite(key, page.html, { signal });
    const { url, until } = await link(key, {
      seconds: Math.floor(milliseconds / 1000),
      mediaType: 'text/html; charset=utf-8',
    });
    const expires = new Date(until).toISOString();
    if (output.json)
      await output.object({ harness, session, url, expires, size: page.html.length, redactions: page.redactions });
    else await output.line(url);
    if (until < now + milliseconds) output.note(`the credentials end sooner: the link works until ${expires}`);
    return undefined;
  },
});

/** What a reader looks at; the rest is there as well. */
const shownKinds = ['message', 'thinking', 'tool_call', 'tool_result', 'attachment', 'error'];

function parseExpires(text: string): number {
  const milliseconds = parseDuration('expires', text);
  if (milliseconds >= 1000 && milliseconds <= longestMs) return milliseconds;
  throw new CairnError('usage', `expected --expires from 1s to 7d, got ${text}`, {
    hint: 'for longer, export the page with `cairn session export --format html` and put it where it is read',
  });
}

async function linkOf(store: BucketStore): Promise<NonNullable<BucketStore['link']>> {
  const hint = 'write the page with `cairn session export --format html -o page.html`, and send that';
  if (await store.sealing?.()) {
    throw new CairnError(
      'unfit',
      'expected a project that others may read, got an encrypted one: a page would lie there in plain text',
      { hint },
    );
  }
  if (store.link) return store.link;
  throw new CairnError('unfit', `expected a bucket on S3, which gives out links, got ${store.url}`, { hint });
}

interface Page {
  readonly html: Uint8Array;
  readonly title: string;
  /** What a reader sees, in words. */
  readonly seen: readonly string[];
  readonly redactions: number;
}

async function makePage(
  app: App,
  { id, stream }: { readonly id: string; readonly stream?: string | undefined },
  { output, signal }: Context,
): Promise<Page> {
  const { openSources } = await import('./export-sources.ts');
  const { redactedSource } = await import('../export/redacted.ts');
  const { writeHtml } = await import('../export/html.ts');
  const { openRedactor } = await import('../redact/open.ts');
  const { readRedaction } = await import('../secrets.ts');
  let redactions = 0;
  const found = (tally: Readonly<Record<string, number>>) => {
    for (const n of Object.values(tally)) redactions += n;
  };
  const kinds = new Map<string, number>();
  const chosen = {
    ids: [id],
    all: false,
    filter: {},
    stream,
    kinds: undefined,
    inline: 1 << 24,
    output,
    signal,
  };
  const redactor = openRedactor(await readRedaction(app));
  for await (const source of openSources(app, chosen)) {
    const counted: ExportSource = redactedSource(source, redactor, found);
    const html: string[] = [];
    const events: ExportSource['events'] = async function* (name) {
      for await (const event of counted.events(name)) {
        kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1);
        yield event;
      }
    };
    for await (const piece of writeHtml({ ...counted, events })) html.push(piece);
    const { title, cwd, repository, host } = counted.line ?? {};
    const said = shownKinds.flatMap((kind) =>
      kinds.has(kind) ? count(kinds.get(kind) ?? 0, kind.replace(/_/g, ' ')) : [],
    );
    const agents = source.streams.length - 1;
    const names = [cwd, repository, host].filter((name) => name !== undefined && name !== '').map(String);
    const seen = [...said, ...(agents > 0 ? [`${count(agents, 'further transcript')}`] : []), ...names.map(visible)];
    return {
      html: Buffer.from(html.join('')),
      title: title ?? `${source.harness}/${source.session}`,
      seen,
      redactions,
    };
  }
  throw new CairnError('not-found', `expected a session ${id}, found none`);
}

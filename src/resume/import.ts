import { resolve } from 'node:path';
import { CairnError } from '../errors.ts';
import { countLines, type Importing, type ImportTarget, type Obstacle } from '../harness/index.ts';
import type { Harness, SourceKey, StreamRef } from '../harness/types.ts';
import type { ProjectState } from '../mirror/state-folder.ts';
import { agentStreams } from '../sessions/agents.ts';
import type { SessionListing } from '../sessions/listing.ts';
import type { BucketStore } from '../store/types.ts';
import { contentOf, type Place } from './content.ts';
import { newUuid } from './ids.ts';
import { commonPlace, findLocal } from './local.ts';
import { parseMapping, type ResumeChoices, type ResumeHost } from './prepare.ts';
import { obstacleOfProgram } from './program.ts';
import { type PathMapping, rewritingOf } from './rewriting.ts';
import { readClosure, type SourceSession, type SourceStream } from './source.ts';
import { compareSession, type Standing } from './standing.ts';
import { chooseWorkplace, recordedCwd, type Workplace } from './target.ts';

/** What an import needs to know. */
export interface ImportContext {
  readonly store: BucketStore;
  readonly harness: Harness;
  readonly importing: Importing;
  readonly key: SourceKey;
  /** The mirror's records of this host; absent where it is not to know of what is written. */
  readonly state?: ProjectState;
  readonly root: string;
}

/** All that is known before a session is handed to its agent's import. */
export interface PreparedImport {
  readonly context: ImportContext;
  readonly source: SourceSession;
  readonly main: SourceStream;
  readonly target: ImportTarget;
  /** What of the session the agent has. */
  readonly standing: Standing;
  /** Records as they shall be here, all or behind a place. */
  readonly content: (after?: Place) => AsyncIterable<Uint8Array>;
  readonly records: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly workplace: Workplace;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The agent is here, so that it can import. */
  readonly installed: boolean;
  /** It goes into a folder of its own. */
  readonly isElsewhere: boolean;
  readonly obstacles: readonly Obstacle[];
  readonly notes: readonly string[];
}

/** Plans how a session goes back to an agent that imports them. Writes nothing. @throws CairnError */
export async function prepareImport(
  host: ResumeHost,
  harness: Harness,
  importing: Importing,
  listing: SessionListing,
  choices: ResumeChoices,
): Promise<PreparedImport> {
  const { epoch, signal, prompt } = choices;
  if (choices.agent !== undefined) agentStreams(listing, choices.agent); // there is none: they are sessions here
  if (choices.at !== undefined) {
    throw new CairnError('unfit', `expected an agent whose sessions can be cut, got ${harness.title}`, {
      hint: 'fork it whole, without --at',
    });
  }
  const options = { ...(epoch !== undefined && { epoch }), ...(signal && { signal }) };
  const source = (await readClosure(host.store, harness, listing, options)).at(-1);
  const main = source?.streams.find(({ address }) => address.stream === 'main');
  if (!source || !main) throw new CairnError('nothing-to-do', 'expected a transcript, got a session without one');
  const workplace = await chooseWorkplace(host, choices.cwd, source);
  const root = choices.to === undefined ? host.root : resolve(host.cwd, choices.to);
  const session = choices.fork ? newUuid(host.runtime) : source.id;
  for (const id of [source.id, session]) {
    if (importing.id.test(id)) continue;
    throw new CairnError('corrupt', `expected an id of ${harness.title}, got ${JSON.stringify(id.slice(0, 80))}`, {
      hint: 'this session was not written by that agent, or not whole',
    });
  }
  const place = { root, from: source.id, session, cwd: workplace.cwd, env: host.env };
  const mappings: PathMapping[] = (choices.map ?? []).map(parseMapping);
  const recorded = recordedCwd(source);
  if (recorded !== undefined) mappings.push({ from: recorded, to: workplace.cwd, everywhere: false });
  const rewrite = rewritingOf({}, place, mappings);
  const content = (after?: Place) => contentOf(host.store, main, rewrite, { after });

  const context: ImportContext = {
    ...{ store: host.store, harness, importing, key: host.key, root },
    ...(choices.to === undefined && host.state && { state: host.state }),
  };
  const local = await localStream(context, session);
  const target = { ...place, now: host.runtime.now(), name: await importing.name(place, local?.files[0]) };
  const standing = await standingOf(context, main, session, local, content);
  const { lost } = await importing.compose(content(), target);
  let records = 0;
  for await (const block of content()) records += countLines(block);
  const others = source.streams.filter((stream) => stream !== main).length;
  const missing = await obstacleOfProgram(harness, host.env.PATH);
  return {
    ...{ context, source, main, target, standing, content, records, workplace },
    lost: { ...lost, ...(others > 0 && { 'other streams': others }) },
    command: [...importing.command(target, prompt), ...(choices.arguments ?? [])],
    environment: choices.to === undefined ? {} : { [importing.variable]: root },
    installed: missing.length === 0,
    isElsewhere: choices.to !== undefined,
    obstacles: [...missing, ...(await importing.obstacles(target))],
    notes: main.others.length > 0 ? [`main is forked: epoch ${main.last.epoch} is taken (--epoch)`] : [],
  };
}

/** The session's rows in the agent's database; a file that was not imported is none. */
export async function localStream({ harness, root }: ImportContext, session: string): Promise<StreamRef | undefined> {
  const stream = (await findLocal(harness, root, session))?.streams.find(({ name }) => name === 'main');
  return stream === undefined || stream.kind === 'bytes'
    ? undefined
    : (await harness.select(stream, undefined)).primary;
}

/** How the agent's session stands to the bucket's. Behind what the mirror knows to be the same, records decide. */
export async function standingOf(
  c: ImportContext,
  main: SourceStream,
  session: string,
  local: StreamRef | undefined,
  content: PreparedImport['content'],
): Promise<Standing> {
  if (local === undefined) return { kind: 'absent' };
  const state = c.state?.session(c.harness.name, session);
  const common = c.importing.extending ? await commonPlace(c.store, c.harness, c.key, main, local, state) : {};
  return { ...(await compareSession(c, local, common.cursor, content(common.after))), ...common };
}

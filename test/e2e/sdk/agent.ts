import { pathToFileURL } from 'node:url';
import { openSessionStore } from '../../../src/app-session-store.ts';
import type { SessionStore } from '../../../src/session-store/types.ts';

/** What of the SDK is used here: `@anthropic-ai/claude-agent-sdk` 0.3.332 `sdk.d.ts`. */
interface Sdk {
  query(call: { prompt: string; options: Record<string, unknown> }): AsyncIterable<{
    type: string;
    subtype?: string;
    session_id?: string;
    error?: string;
  }>;
  listSessions(options: { dir: string; sessionStore: SessionStore }): Promise<{ sessionId: string }[]>;
  getSessionMessages(id: string, options: { dir: string; sessionStore: SessionStore }): Promise<unknown[]>;
  deleteSession(id: string, options: { dir: string; sessionStore: SessionStore }): Promise<void>;
}

/** What the process is asked for, as JSON in its first argument. */
export interface Order {
  /** Path of the SDK's module and of the program that it runs. */
  readonly sdk: string;
  readonly claude: string;
  readonly bucket: string;
  readonly cwd: string;
  readonly prompt?: string;
  readonly resume?: string;
  readonly delete?: string;
}

/** What it prints, as one line of JSON. */
export interface Answer {
  readonly session: string | undefined;
  readonly problems: readonly string[];
  /** What the SDK says of the project's sessions in the store. */
  readonly listed: readonly string[];
  readonly messages: number;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const sdk = (await import(pathToFileURL(order.sdk).href)) as Sdk;
const sessionStore = await openSessionStore({ bucket: order.bucket });
const where = { dir: order.cwd, sessionStore };
const problems: string[] = [];
let session = order.resume;
if (order.prompt !== undefined) {
  const options = {
    cwd: order.cwd,
    sessionStore,
    pathToClaudeCodeExecutable: order.claude,
    permissionMode: 'bypassPermissions',
    allowDangerouslySkipPermissions: true,
    ...(order.resume !== undefined && { resume: order.resume }),
  };
  for await (const message of sdk.query({ prompt: order.prompt, options })) {
    session = message.session_id ?? session;
    if (message.subtype === 'mirror_error') problems.push(String(message.error));
  }
}
if (order.delete !== undefined) await sdk.deleteSession(order.delete, where);
const listed = (await sdk.listSessions(where)).map(({ sessionId }) => sessionId);
const messages = session === undefined ? 0 : (await sdk.getSessionMessages(session, where)).length;
await sessionStore.close();
const answer: Answer = { session, problems, listed, messages };
process.stdout.write(`${JSON.stringify(answer)}\n`);

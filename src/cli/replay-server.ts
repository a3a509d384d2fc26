import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CairnError } from '../errors.ts';
import { answersIn, answerTo, type Recording, recordingsOf } from '../trajectory/answers.ts';
import type { RecordEvent } from '../trajectory/events.ts';
import type { Output } from './output.ts';
import { protocols } from './replay-protocols.ts';
import { count } from './text.ts';

/** A request repeats the whole conversation. */
const largestRequest = 256 << 20;

export interface ServeOptions {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly port: number | undefined;
}

/**
 * Serves the recorded answers on the loopback until Ctrl-C: whoever asks with a conversation of n answers gets the
 * one after them, so that a client that behaves the same is given the same, whenever it asks. A conversation that has
 * the first prompt of a sub-agent gets that one's answers.
 * @throws CairnError `not-found` for a session without answers
 */
export async function serveRecording(
  events: AsyncIterable<RecordEvent>,
  { output, signal, port }: ServeOptions,
): Promise<undefined> {
  const recordings = await recordingsOf(events);
  const answers = recordings.reduce((sum, recording) => sum + answersIn(recording).length, 0);
  if (answers === 0) {
    throw new CairnError('not-found', 'expected a session with answers of a model, found none in it');
  }
  const server = createServer((request, response) => {
    reply(request, response, recordings).catch((error: unknown) => {
      output.note(error instanceof Error ? error.message : String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (output.json) await output.object({ url, answers });
  else {
    await output.line(`${count(answers, 'answer')} at ${url}`);
    await output.line(`ANTHROPIC_BASE_URL=${url}`);
    await output.line(`OPENAI_BASE_URL=${url}/v1`);
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  server.close();
  server.closeAllConnections();
  return undefined;
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  recordings: readonly Recording[],
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
  const protocol = protocols.find((one) => one.path === path || `/v1${path}` === one.path);
  // A page in a browser on this host may not read a session: no client of these APIs sends an origin.
  if (request.headers.origin !== undefined) return send(response, 403, failure('requests from web pages are refused'));
  if (request.method === 'GET' && path.endsWith('/models')) {
    const models = [...new Set(recordings.flatMap((recording) => answersIn(recording).map(({ model }) => model)))];
    return send(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
  }
  if (request.method === 'POST' && path.endsWith('/count_tokens')) return send(response, 200, { input_tokens: 0 });
  if (!protocol || request.method !== 'POST') {
    return send(response, 404, failure(`known are ${protocols.map((one) => one.path).join(', ')}`));
  }
  const body = await bodyOf(request);
  if (body === undefined) return send(response, 400, failure('the request is no JSON, or too large'));
  const index = protocol.asked(body);
  const said = protocol.said(body);
  const recording = chosen(recordings, said);
  const answer = answerTo(recording, said, index);
  if (!answer)
    return send(
      response,
      400,
      failure(`the recording has ${answersIn(recording).length} answers, number ${index + 1} was asked for`),
    );
  const id = `replay_${index}`;
  if ((body as { readonly stream?: unknown }).stream !== true) return send(response, 200, protocol.whole(answer, id));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const [name, data] of protocol.events(answer, id)) {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`);
  }
  response.end();
}

/** The recording whose prompt was said, the longest of several; else the first, which is the session's own. */
function chosen(recordings: readonly Recording[], said: string): Recording {
  const [first = { prompt: '', segments: [] }, ...agents] = recordings;
  return agents
    .filter(({ prompt }) => prompt !== '' && said.includes(prompt))
    .reduce((best, one) => (one.prompt.length > best.prompt.length ? one : best), { ...first, prompt: '' });
}

async function bodyOf(request: IncomingMessage): Promise<object | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > largestRequest) return undefined;
    pieces.push(piece as Buffer);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // the client is told
  }
}

function failure(message: string) {
  return { type: 'error', error: { type: 'invalid_request_error', message: `cairn replay: ${message}` } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

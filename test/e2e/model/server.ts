import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import type { Body, Reply } from './protocol.ts';
import { answer, type Scenario } from './scenario.ts';

const protocols = [anthropic, openai];

export interface Model {
  readonly url: string;
  /** Bodies of the requests for an answer, in order. */
  readonly requests: readonly Body[];
  close(): Promise<void>;
}

export interface ModelOptions {
  /** Pause before each server-sent event, in milliseconds: it gives a mirror something to run beside. */
  readonly pauseMs?: number;
}

/** A scripted model on a loopback port of its own: what it says is `scenario`, whichever protocol asks. */
export async function startModel(scenario: Scenario, { pauseMs = 0 }: ModelOptions = {}): Promise<Model> {
  const requests: Body[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname;
    const text = Buffer.concat(await request.toArray()).toString();
    const protocol = protocols.find((candidate) => candidate.path === path);
    // Model lists, token counts, telemetry: an empty answer satisfies them all.
    if (request.method !== 'POST' || !protocol) return send(response, { data: [], models: [], input_tokens: 1000 });
    const body = JSON.parse(text) as Body;
    const id = `scripted_${requests.push(body)}`;
    const reply = protocol.reply(id, body, answer(scenario, protocol.conversation(body)));
    return body.stream === true ? stream(response, reply, pauseMs) : send(response, reply.whole);
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function stream(response: ServerResponse, { events }: Reply, pauseMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    await sleep(pauseMs);
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

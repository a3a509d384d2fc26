import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request: before the server sees it, or to its answer. */
export type Fault =
  /** The connection ends before the server has the request. */
  | { readonly kind: 'refuse' }
  /** The server has done it, and the answer never comes. */
  | { readonly kind: 'lost' }
  /** Half of the answer's body comes. */
  | { readonly kind: 'cut' }
  /** Nothing happens for so long, then the connection ends. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** This status instead; with `done` the server has done it all the same. */
  | { readonly kind: 'status'; readonly status: number; readonly done: boolean };

/** A way to a server on which things go wrong. */
export interface Proxy {
  readonly url: string;
  /** Faults so far, of one kind or of all. */
  faults(kind?: Fault['kind']): number;
  close(): Promise<void>;
}

/** Passes requests on as they are, but for those for which `choose` gives a fault. */
export async function faultProxy(target: string, choose: (method: string) => Fault | undefined): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const faults: Fault['kind'][] = [];
  const server = createServer((incoming, reply) => {
    const { method = 'GET', url, headers } = incoming;
    const fault = choose(method);
    if (fault) faults.push(fault.kind);
    if (fault?.kind === 'refuse') return void incoming.socket.destroy();
    if (fault?.kind === 'stall') return void setTimeout(() => incoming.socket.destroy(), fault.ms);
    if (fault?.kind === 'status' && !fault.done) {
      incoming.resume();
      return void incoming.once('end', () => answer(reply, fault.status));
    }
    const outgoing = request({ hostname, port, method, path: url, headers }, (got) =>
      pass(got, fault, incoming, reply),
    );
    outgoing.once('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    // The signature covers the host: the server must see the name that the client used.
    url: `http://127.0.0.1:${own}`,
    faults: (kind) => (kind === undefined ? faults : faults.filter((one) => one === kind)).length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Of the replies to PUTs, `p` are lost after the server has answered; of those to GETs as many are cut off in the middle. */
export function losingProxy(target: string, p: number): Promise<Proxy> {
  const faults: Readonly<Record<string, Fault>> = { PUT: { kind: 'lost' }, GET: { kind: 'cut' } };
  return faultProxy(target, (method) => (Math.random() < p ? faults[method] : undefined));
}

function pass(got: IncomingMessage, fault: Fault | undefined, incoming: IncomingMessage, reply: ServerResponse): void {
  if (fault?.kind === 'lost') {
    got.resume();
    got.once('end', () => incoming.socket.destroy());
  } else if (fault?.kind === 'status') {
    got.resume();
    got.once('end', () => answer(reply, fault.status));
  } else if (fault?.kind === 'cut') {
    const body: Buffer[] = [];
    got.on('data', (bytes: Buffer) => body.push(bytes));
    got.once('end', () => {
      reply.writeHead(got.statusCode ?? 502, got.rawHeaders);
      const whole = Buffer.concat(body);
      reply.write(whole.subarray(0, whole.length / 2), () => incoming.socket.destroy());
    });
  } else {
    reply.writeHead(got.statusCode ?? 502, got.rawHeaders);
    got.pipe(reply);
  }
}

function answer(reply: ServerResponse, status: number): void {
  reply.writeHead(status, { 'content-type': 'application/xml' });
  reply.end('<Error><Code>SlowDown</Code><Message>by the proxy</Message></Error>');
}

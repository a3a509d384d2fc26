import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to a server on which replies get lost. */
export interface Proxy {
  readonly url: string;
  /** Replies lost so far. */
  lost(): number;
  /** Replies cut off so far. */
  cut(): number;
  close(): Promise<void>;
}

/**
 * Passes requests on as they are. Of the replies to PUTs, `p` are lost after the server has answered; of those to GETs
 * as many are cut off in the middle.
 */
export async function losingProxy(target: string, p: number): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  let lost = 0;
  let cut = 0;
  const server = createServer((incoming, reply) => {
    const { method, url, headers } = incoming;
    const outgoing = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (method === 'PUT' && Math.random() < p) {
        lost++;
        answer.resume();
        answer.once('end', () => incoming.socket.destroy());
        return;
      }
      reply.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      if (method === 'GET' && Math.random() < p) {
        cut++;
        answer.once('data', (chunk: Buffer) => reply.write(chunk.subarray(0, chunk.byteLength / 2)));
        answer.once('end', () => incoming.socket.destroy());
        return;
      }
      answer.pipe(reply);
    });
    outgoing.once('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    // The signature covers the host: the server must see the name that the client used.
    url: `http://127.0.0.1:${own}`,
    lost: () => lost,
    cut: () => cut,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

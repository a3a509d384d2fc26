import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Hands bytes on to a server on loopback, and counts them. */
export interface CountingProxy {
  readonly url: string;
  /** Bytes that clients sent. */
  uploaded(): number;
  requests(): number;
  close(): Promise<void>;
}

const requestLine = /(?:GET|HEAD|PUT|POST|DELETE) \/\S* HTTP\/1\.1\r\n/g;

export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let uploaded = 0;
  let requests = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      uploaded += bytes.length;
      requests += bytes.toString('latin1').match(requestLine)?.length ?? 0;
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    uploaded: () => uploaded,
    requests: () => requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

import { MessageChannel } from 'node:worker_threads';

const { port1: nowhere, port2 } = new MessageChannel();
port2.close();
nowhere.close();

/**
 * Gives a large buffer's memory back now; it must not be used again. The collector counts buffers lazily and
 * lets some 64 MiB of dead ones stand on every thread: more than all that a run needs. Moving a buffer
 * into a closed port is the one way on Node 20 to let go of it at once.
 */
export function free(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength >= UNSHARED) nowhere.postMessage(undefined, [buffer]);
}

/** Half of Node's pool (8 KiB in Node 20, 64 KiB in 24): smaller buffers may share their memory with others. */
export const UNSHARED = Buffer.poolSize >>> 1;

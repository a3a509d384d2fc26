import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { CairnError } from '../errors.ts';
import { payloadsIn } from '../export/payloads.ts';
import type { ExportSource } from '../export/source.ts';
import type { Runtime } from '../runtime.ts';
import { openStore } from '../store/open.ts';
import type { BucketStore } from '../store/types.ts';
import type { Output } from './output.ts';

/** Where an export goes. */
export interface Sink {
  write(text: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
  bytes(): number;
}

/** A file of one's own that is not there yet or is replaced, or standard output. */
export async function openSink(output: Output, path: string | undefined): Promise<Sink> {
  let bytes = 0;
  if (path === undefined) {
    return {
      write: (text) => {
        bytes += Buffer.byteLength(text);
        return output.write(text);
      },
      close: async () => {},
      bytes: () => bytes,
    };
  }
  const stream = createWriteStream(path, { mode: 0o600 });
  const failed = new Promise<never>((_, reject) => {
    stream.on('error', (cause) =>
      reject(
        new CairnError('denied', `expected to write ${path}, got ${cause.message}`, {
          cause,
          hint: 'choose another file',
        }),
      ),
    );
  });
  failed.catch(() => {}); // told by whichever call comes next
  return {
    async write(text) {
      bytes += Buffer.byteLength(text);
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed]);
    },
    async close() {
      stream.end();
      await Promise.race([finished(stream), failed]);
    },
    bytes: () => bytes,
  };
}

/** The same events; what they refer to is written into a folder on the way, once by its hash. What is missing is an error. */
export function withPayloads(source: ExportSource, folder: string): ExportSource {
  return {
    ...source,
    async *events(stream) {
      for await (const event of source.events(stream)) {
        for (const payload of payloadsIn(event)) {
          const path = join(folder, payload.ref);
          const known = await access(path).then(
            () => true,
            () => false,
          );
          if (known) continue;
          await mkdir(folder, { recursive: true, mode: 0o700 });
          await writeFile(path, await source.payload(payload), { mode: 0o600 });
        }
        yield event;
      }
    },
  };
}

/** A bucket, or a folder by its path. */
export function urlOf(place: string): string {
  return isUrl(place) ? place : pathToFileURL(resolve(place)).href;
}

export function isUrl(place: string): boolean {
  return /^(?:s3|file):\/\//.test(place);
}

export function openTarget(to: string, runtime: Runtime): Promise<BucketStore> {
  return openStore(urlOf(to), { env: process.env, runtime });
}

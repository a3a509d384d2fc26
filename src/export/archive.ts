import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createTarDecoder, createTarPacker } from 'modern-tar';
import { CairnError } from '../errors.ts';
import { errnoOf } from '../store/file-errors.ts';
import type { CopiedObject } from './copied-object.ts';

/** Objects as one tar file, in their order: the same objects give the same bytes. */
export async function* writeArchive(objects: AsyncIterable<CopiedObject>): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const packing = (async () => {
    for await (const { path, size, open } of objects) {
      const body = controller.add({ name: path, size, type: 'file', mode: 0o600, mtime: new Date(0) });
      await Readable.toWeb(Readable.from(open())).pipeTo(body);
    }
    controller.finalize();
  })();
  packing.catch((error) => controller.error(error)); // told to whoever reads
  yield* Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0]);
  await packing;
}

/**
 * The objects of a tar file; what is no file is passed over. It is gone through to its end before, so that nothing is
 * taken of one that is cut.
 * @throws CairnError `incomplete` where it is cut, `corrupt` where it is something else, `denied`
 */
export async function* readArchive(file: string): AsyncGenerator<CopiedObject> {
  for await (const _ of objectsIn(file)); // it throws
  yield* objectsIn(file);
}

async function* objectsIn(file: string): AsyncGenerator<CopiedObject> {
  const decoder = createTarDecoder({ strict: true });
  const feeding = Readable.toWeb(createReadStream(file)).pipeTo(decoder.writable as WritableStream);
  feeding.catch(() => {}); // told to whoever reads
  try {
    for await (const { header, body } of decoder.readable) {
      let isOpen = false;
      if (header.type === undefined || header.type === 'file') {
        yield {
          path: header.name,
          size: header.size,
          async *open() {
            isOpen = true;
            try {
              yield* Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
            } catch (cause) {
              throw unreadable(file, cause);
            }
          },
        };
      }
      if (!isOpen) await body.cancel();
    }
    await feeding;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): unknown {
  if (cause instanceof CairnError) return cause;
  const code = errnoOf(cause);
  if (code !== undefined) {
    return new CairnError('denied', `expected to read ${file}, got ${code}`, {
      cause,
      hint: 'give the path of a file that this user may read',
    });
  }
  if (cause instanceof Error && /truncated/.test(cause.message)) {
    return new CairnError('incomplete', `expected a whole archive in ${file}, but it is cut short`, {
      cause,
      hint: 'nothing of it was taken: copy the file again, or write it again with `cairn session export --format cairn`',
    });
  }
  return new CairnError('corrupt', `expected an archive of sessions in ${file}, got something else`, {
    cause,
    hint: 'nothing of it was taken: write it again with `cairn session export --format cairn`',
  });
}

import { Readable } from 'node:stream';
import { createTarDecoder, createTarPacker } from 'modern-tar';
import { CairnError } from '../errors.ts';
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

/** The objects of a tar file; what is no file is passed over. @throws CairnError `corrupt` */
export async function* readArchive(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<CopiedObject> {
  const decoder = createTarDecoder({ strict: true });
  const feeding = Readable.toWeb(Readable.from(bytes)).pipeTo(decoder.writable as WritableStream);
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
            yield* Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
          },
        };
      }
      if (!isOpen) await body.cancel();
    }
    await feeding;
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw new CairnError('corrupt', `expected an archive of sessions in ${file}, but it is none, or cut short`, {
      cause,
      hint: 'write it again with `cairn session export --format cairn`',
    });
  }
}

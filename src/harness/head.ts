import { newline, parseRecord } from './jsonl.ts';
import { openSource } from './select.ts';

/** Most of a file that discovery reads. */
const headBytes = 64 * 1024;

/**
 * The values of the first whole lines of a transcript, up to 64 KiB of it, as far as they are JSON;
 * a first line that is longer is read to its end, up to 1 MiB.
 */
export async function* headOf(path: string): AsyncGenerator<unknown> {
  const source = await openSource(path);
  try {
    let read = 16 * 1024;
    let at = 0;
    for (let block = await source.read(0, read); ; block = await source.read(0, read)) {
      for (let end = block.indexOf(newline, at); end >= 0; end = block.indexOf(newline, at)) {
        const value = parseRecord(block.subarray(at, end));
        at = end + 1;
        if (value !== undefined) yield value;
      }
      if (block.length < read || read >= (at === 0 ? 16 * headBytes : headBytes)) return;
      read *= 4;
    }
  } finally {
    await source.close();
  }
}

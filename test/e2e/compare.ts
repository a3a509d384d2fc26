import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Source } from './agents/agent.ts';
import { type Cairn, succeeded } from './cairn.ts';

export interface Comparison {
  readonly session: string;
  readonly stream: string;
  readonly file?: string;
  readonly bytes: number;
  /** The first difference between the source and what the bucket gives back. */
  readonly difference?: string;
}

/** What `session cat` gives back, against the source's whole lines, byte for byte. */
export async function compare(cairn: Cairn, source: Source): Promise<Comparison> {
  const { path, session, stream, file, content } = source;
  const [expected, mirrored] = await Promise.all([content ?? readFile(path), succeeded(cairn.cat(session, stream))]);
  const difference = file === undefined ? recordsDiffer(expected, mirrored) : fileDiffers(expected, mirrored, file);
  return {
    session,
    stream,
    ...(file !== undefined && { file }),
    bytes: expected.length,
    ...(difference !== undefined && { difference }),
  };
}

function recordsDiffer(source: Buffer, mirrored: Buffer): string | undefined {
  const whole = source.subarray(0, source.lastIndexOf(0x0a) + 1);
  if (whole.equals(mirrored)) return;
  const at = whole.findIndex((byte, index) => byte !== mirrored[index]);
  const from = Math.max(0, (at < 0 ? whole.length : at) - 40);
  const excerpt = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1', from, from + 120));
  const sizes = `${whole.length} bytes in the source, ${mirrored.length} mirrored`;
  return `${sizes}; from byte ${from} on expected ${excerpt(whole)}, got ${excerpt(mirrored)}`;
}

/** The newest version of a side file stands in the last record with its name: as text, or as a hash of its blob. */
function fileDiffers(source: Buffer, records: Buffer, file: string): string | undefined {
  const versions = records.toString().trimEnd().split('\n').map(parse);
  const newest = versions.findLast(({ path }) => path === file);
  if (!newest) return `expected a record of ${file}, got none in ${versions.length}`;
  if (newest.text !== undefined)
    return newest.text === source.toString() ? undefined : `expected the text of ${file}, got another`;
  const sha256 = createHash('sha256').update(source).digest('hex');
  return newest.sha256 === sha256 ? undefined : `expected blob ${sha256}, got ${newest.sha256}`;
}

function parse(line: string): { readonly path?: string; readonly text?: string; readonly sha256?: string } {
  return line === '' ? {} : JSON.parse(line);
}

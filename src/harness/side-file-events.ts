import type { Projection, SourceRecord } from '../trajectory/projector.ts';
import { unknownBody } from '../trajectory/sequence.ts';
import { sideFileRecord } from './side-files.ts';
import { stringField } from './summary.ts';

/** Types of side files by their ending. */
const mediaTypes: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
};

/** A version of a side file is an attachment with its content, or without when the file was deleted. */
export function sideFileEvents(record: SourceRecord): Projection {
  const file = sideFileRecord(record.value);
  if (file === undefined) return { events: [unknownBody('type', record.raw())] };
  const { path } = file;
  if ('deleted' in file) return { events: [{ kind: 'attachment', type: 'deleted', file: path, content: null }] };
  const mediaType = mediaTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
  const content =
    file.sha256 === undefined
      ? record.text(file.text ?? '', '/text')
      : record.blob(file.sha256, file.size, mediaType, '/sha256');
  const time = stringField(file, 'mtime');
  return { ...(time !== undefined && { time }), events: [{ kind: 'attachment', type: 'file', file: path, content }] };
}

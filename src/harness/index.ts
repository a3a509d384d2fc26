/** What a harness is written with: the public entry point `cairn-sessions/harness`. */

export { CairnError } from '../errors.ts';
export type { SqliteRow, SqliteValue, SqliteView } from '../sqlite/types.ts';
export type * from '../trajectory/events.ts';
export type { Json, Payload } from '../trajectory/payload.ts';
export type { Projection, Projector, RecordFacts, SourceRecord } from '../trajectory/projector.ts';
export { unknownBody } from '../trajectory/sequence.ts';
export { highestTokens, sumTokens, tokensBeyond } from '../trajectory/tokens.ts';
export type * from './conversation.ts';
export type * from './cursor.ts';
export { type SessionDetails, Sessions } from './discovery.ts';
export { type Drift, drift } from './drift.ts';
export { headOf, readWhole, tailOf } from './excerpt.ts';
export { bytesCursorAt } from './file-tail.ts';
export { composeHarness, fileTailHarness, type HarnessConstants, type StreamReader } from './harness.ts';
export type * from './importing.ts';
export { countLines, linesOf, linesOfPieces, parseRecord } from './jsonl.ts';
export { type Repository, repositoryName, repositoryOf } from './repository.ts';
export type * from './restoring.ts';
export { type ChangingTable, changeRecord, rowChanges } from './row-changes.ts';
export { type LogRow, type RowLog, rowLog } from './row-log.ts';
export { openSource } from './select.ts';
export { type SessionMark, sessionMarks } from './session-marks.ts';
export { sideFileEvents } from './side-file-events.ts';
export { shippedVersion, sideFileRecord } from './side-files.ts';
export { readDatabase, type SessionTables, sessionRow, stillDatabases } from './sqlite-source.ts';
export { sameFile, sameStamp, stampOf, stillFiles } from './stamp.ts';
export {
  counted,
  emptySummary,
  field,
  optional,
  seen,
  stringField,
  titled,
  withLineage,
  withModel,
} from './summary.ts';
export type * from './types.ts';
export { entriesOf, fileRef, filesBelow, modifiedOf } from './walk.ts';
export { unzstd } from './zst.ts';

/** What a harness is written with: the public entry point `cairn-sessions/harness`. */

export { type SessionDetails, Sessions } from './discovery.ts';
export { type FileTail, fileTailHarness } from './harness.ts';
export { headOf } from './head.ts';
export { countLines, linesOf, parseRecord } from './jsonl.ts';
export { sideFileRecord } from './side-files.ts';
export { sameFile, sameStamp, stampOf } from './stamp.ts';
export { counted, emptySummary, field, seen, stringField, titled, withModel } from './summary.ts';
export type * from './types.ts';
export { entriesOf, fileRef, filesBelow, modifiedOf } from './walk.ts';

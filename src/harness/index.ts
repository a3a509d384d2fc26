/** What a harness is written with: the public entry point `cairn-sessions/harness`. */

export { CairnError } from '../errors.ts';
export { type SessionDetails, Sessions } from './discovery.ts';
export { headOf, tailOf } from './excerpt.ts';
export { type FileTail, fileTailHarness } from './harness.ts';
export { countLines, linesOf, parseRecord } from './jsonl.ts';
export { type Repository, repositoryName, repositoryOf } from './repository.ts';
export { sideFileRecord } from './side-files.ts';
export { sameFile, sameStamp, stampOf } from './stamp.ts';
export { counted, emptySummary, field, seen, stringField, titled, withLineage, withModel } from './summary.ts';
export type * from './types.ts';
export { entriesOf, fileRef, filesBelow, modifiedOf } from './walk.ts';

/** The library `cairn-sessions`: what the command line is made of. */

export {
  type App,
  type Host,
  type MirrorChoices,
  openApp,
  prepareMirror,
  systemRuntime,
  thisHost,
} from './app.ts';
export type { Config } from './config/config.ts';
export type { SettingName, Settings } from './config/settings.ts';
export { CairnError, type ErrorCode, ExitCode, errorCodes } from './errors.ts';
export type { CatalogLine, SessionMeta } from './mirror/meta.ts';
export { type MirrorEvent, type MirrorRun, mirrorOnce } from './mirror/mirror.ts';
export type { PartHeader, PartPiece } from './mirror/part.ts';
export { type VerifyFinding, type VerifyOptions, verifySession } from './mirror/verify.ts';
export type { Redactor } from './redact/types.ts';
export type { Runtime } from './runtime.ts';
export { type Catalog, readCatalog } from './sessions/catalog.ts';
export { type Followed, followSession } from './sessions/follow.ts';
export { type ListFilter, selectLines } from './sessions/list.ts';
export { listSession, pickStream, type SessionListing } from './sessions/listing.ts';
export { chooseEpoch, readParts } from './sessions/reader.ts';
export { rebuildCatalog } from './sessions/rebuild.ts';
export { resolveSession } from './sessions/resolve.ts';
export { type SessionDetails, showSession } from './sessions/show.ts';
export { readTail, type Tail } from './sessions/tail.ts';
export type { BucketStore } from './store/types.ts';
export { version } from './version.ts';

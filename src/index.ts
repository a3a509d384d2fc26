/** The library `cairn-sessions`: what the command line is made of. */

export {
  type App,
  type Host,
  joinProject,
  type MirrorChoices,
  openApp,
  openProject,
  prepareMirror,
  systemRuntime,
  thisHost,
} from './app.ts';
export type { Config } from './config/config.ts';
export type { SettingName, Settings } from './config/settings.ts';
export type { AgentView } from './coordination/agents.ts';
export type { Artifacts, ArtifactView, GetOptions, PutOptions } from './coordination/artifacts.ts';
export type { Assessment, Claim, ClaimOptions } from './coordination/claim.ts';
export type { Received } from './coordination/delivery.ts';
export type { CoordinationEvent, EventFilter } from './coordination/events.ts';
export type { Collected, GcOptions } from './coordination/gc.ts';
export type { Inbox, InboxOptions, Messages } from './coordination/inbox.ts';
export type { ProjectChoices } from './coordination/join.ts';
export type { Lease, LeaseOptions, Leases } from './coordination/lease.ts';
export type { Marks, SessionMarks } from './coordination/marks.ts';
export type { Memory, MemoryChange, MemoryValue, SetOptions } from './coordination/memory.ts';
export type { Receipt, SendOptions, Sent } from './coordination/messages.ts';
export type { WaitOptions } from './coordination/poll.ts';
export type { Status } from './coordination/prime.ts';
export type { Agents, Project } from './coordination/project.ts';
export type { HandoffOptions, NoteOptions, StepOptions } from './coordination/steps.ts';
export type { Handoff, TaskState, TaskView } from './coordination/task.ts';
export type { Listed, TaskFilter } from './coordination/task-list.ts';
export type { TaskEvent, TaskSpec, Tasks } from './coordination/tasks.ts';
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
export type * from './trajectory/events.ts';
export { isPayload, type Json, type Payload } from './trajectory/payload.ts';
export { version } from './version.ts';

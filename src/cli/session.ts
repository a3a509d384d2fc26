import type { Command } from './command.ts';
import { archiveCommand, unarchiveCommand } from './session-archive.ts';
import { catCommand } from './session-cat.ts';
import { deleteCommand } from './session-delete.ts';
import { diffCommand } from './session-diff.ts';
import { eventsCommand } from './session-events.ts';
import { exportCommand } from './session-export.ts';
import { forkCommand } from './session-fork.ts';
import { guardCommand } from './session-guard.ts';
import { handoffCommand } from './session-handoff.ts';
import { importCommand } from './session-import.ts';
import { labelCommand } from './session-label.ts';
import { listCommand } from './session-list.ts';
import { materializeCommand, reconcileCommand } from './session-materialize.ts';
import { mirrorCommand } from './session-mirror.ts';
import { payloadCommand } from './session-payload.ts';
import { pruneCommand } from './session-prune.ts';
import { pullCommand } from './session-pull.ts';
import { replayCommand } from './session-replay.ts';
import { resumeCommand } from './session-resume.ts';
import { searchCommand } from './session-search.ts';
import { showCommand } from './session-show.ts';
import { statsCommand } from './session-stats.ts';
import { stopCommand } from './session-stop.ts';
import { tailCommand } from './session-tail.ts';
import { timelineCommand } from './session-timeline.ts';
import { treeCommand } from './session-tree.ts';
import { verifyCommand } from './session-verify.ts';

/** `cairn session …` */
export const sessionCommands: readonly Command[] = [
  mirrorCommand,
  listCommand,
  showCommand,
  searchCommand,
  catCommand,
  tailCommand,
  resumeCommand,
  forkCommand,
  handoffCommand,
  pullCommand,
  eventsCommand,
  payloadCommand,
  timelineCommand,
  exportCommand,
  importCommand,
  materializeCommand,
  reconcileCommand,
  statsCommand,
  treeCommand,
  replayCommand,
  diffCommand,
  labelCommand,
  stopCommand,
  archiveCommand,
  unarchiveCommand,
  deleteCommand,
  verifyCommand,
  guardCommand,
  pruneCommand,
];

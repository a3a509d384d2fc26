import type { Command } from './command.ts';
import { archiveCommand, unarchiveCommand } from './session-archive.ts';
import { catCommand } from './session-cat.ts';
import { deleteCommand } from './session-delete.ts';
import { eventsCommand } from './session-events.ts';
import { exportCommand } from './session-export.ts';
import { forkCommand } from './session-fork.ts';
import { handoffCommand } from './session-handoff.ts';
import { listCommand } from './session-list.ts';
import { materializeCommand, reconcileCommand } from './session-materialize.ts';
import { mirrorCommand } from './session-mirror.ts';
import { payloadCommand } from './session-payload.ts';
import { pullCommand } from './session-pull.ts';
import { resumeCommand } from './session-resume.ts';
import { searchCommand } from './session-search.ts';
import { showCommand } from './session-show.ts';
import { stopCommand } from './session-stop.ts';
import { tailCommand } from './session-tail.ts';
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
  exportCommand,
  materializeCommand,
  reconcileCommand,
  stopCommand,
  archiveCommand,
  unarchiveCommand,
  deleteCommand,
  verifyCommand,
];

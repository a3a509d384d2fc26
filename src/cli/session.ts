import type { Command } from './command.ts';
import { catCommand } from './session-cat.ts';
import { eventsCommand } from './session-events.ts';
import { exportCommand } from './session-export.ts';
import { importCommand } from './session-import.ts';
import { listCommand } from './session-list.ts';
import { materializeCommand, reconcileCommand } from './session-materialize.ts';
import { mirrorCommand } from './session-mirror.ts';
import { payloadCommand } from './session-payload.ts';
import { searchCommand } from './session-search.ts';
import { showCommand } from './session-show.ts';
import { stopCommand } from './session-stop.ts';
import { tailCommand } from './session-tail.ts';
import { timelineCommand } from './session-timeline.ts';
import { verifyCommand } from './session-verify.ts';

/** `cairn session …` */
export const sessionCommands: readonly Command[] = [
  mirrorCommand,
  listCommand,
  showCommand,
  searchCommand,
  catCommand,
  tailCommand,
  eventsCommand,
  payloadCommand,
  timelineCommand,
  exportCommand,
  importCommand,
  materializeCommand,
  reconcileCommand,
  stopCommand,
  verifyCommand,
];

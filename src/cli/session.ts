import type { Command } from './command.ts';
import { catCommand } from './session-cat.ts';
import { eventsCommand } from './session-events.ts';
import { exportCommand } from './session-export.ts';
import { guardCommand } from './session-guard.ts';
import { listCommand } from './session-list.ts';
import { materializeCommand, reconcileCommand } from './session-materialize.ts';
import { mirrorCommand } from './session-mirror.ts';
import { payloadCommand } from './session-payload.ts';
import { pruneCommand } from './session-prune.ts';
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
  eventsCommand,
  payloadCommand,
  exportCommand,
  materializeCommand,
  reconcileCommand,
  stopCommand,
  verifyCommand,
  guardCommand,
  pruneCommand,
];

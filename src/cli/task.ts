import type { Command } from './command.ts';
import { listCommand, logCommand, showCommand, waitCommand, whyCommand } from './task-read.ts';
import {
  acceptCommand,
  addCommand,
  blockCommand,
  cancelCommand,
  claimCommand,
  completeCommand,
  declineCommand,
  failCommand,
  handoffCommand,
  nextCommand,
  progressCommand,
  releaseCommand,
  reviewCommand,
  stealCommand,
} from './task-write.ts';

/** `cairn task …` */
export const taskCommands: readonly Command[] = [
  addCommand,
  listCommand,
  showCommand,
  claimCommand('task '),
  nextCommand,
  progressCommand,
  completeCommand('task '),
  failCommand,
  releaseCommand,
  blockCommand,
  reviewCommand,
  handoffCommand('task '),
  acceptCommand,
  declineCommand,
  cancelCommand,
  stealCommand,
  waitCommand('task '),
  logCommand,
  whyCommand,
];

/** `cairn claim` and so on: what is typed most. */
export const shortCommands: readonly Command[] = [
  claimCommand(''),
  completeCommand(''),
  handoffCommand(''),
  waitCommand(''),
];

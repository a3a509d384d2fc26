import { blameCommand } from './blame.ts';
import type { Command } from './command.ts';
import { configCommand } from './config.ts';
import { costCommand } from './cost.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { indexCommand } from './index-command.ts';
import { initCommand } from './init.ts';
import { messageCommands } from './message.ts';
import { overviewCommands } from './overview.ts';
import { runCommand } from './run-task.ts';
import { shortCommands } from './task.ts';

/** Commands that stand in no group. */
export const single: readonly Command[] = [
  ...messageCommands,
  ...shortCommands,
  runCommand,
  ...overviewCommands,
  blameCommand,
  initCommand,
  doctorCommand,
  indexCommand,
  configCommand,
  costCommand,
  demoCommand,
];

import type { Command } from './command.ts';
import { filterCommand } from './redact-filter.ts';
import { testCommand } from './redact-test.ts';

/** `cairn redact …` */
export const redactCommands: readonly Command[] = [filterCommand, testCommand];

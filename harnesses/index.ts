import type { Harness } from '../src/harness/index.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { hermes } from './hermes.ts';
import { imported } from './imported.ts';
import { openclaw } from './openclaw.ts';

/** Every coding agent whose sessions Cairn reads; a new one is one line here. */
export const harnesses: readonly Harness[] = [claudeCode, codex, openclaw, hermes, imported];

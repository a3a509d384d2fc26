import { CairnError } from '../errors.ts';
import type { FolderQuestion, Here } from '../resume/target.ts';
import type { Context } from './command.ts';
import { visible } from './text.ts';

/** Asks for a folder on a terminal; nothing where nobody can be asked. */
export function folderQuestion({ stdin, output }: Context): Here['askFolder'] {
  if (!stdin.isTTY || !output.stderr.isTTY || output.quiet || output.strict) return undefined;
  return async ({ repository, checkouts, here }: FolderQuestion) => {
    // Most commands ask nothing.
    const { isCancel, select } = await import('@clack/prompts');
    const chosen = await select({
      message: `Where shall the agent work? ${visible(repository)} is checked out in`,
      options: [
        ...checkouts.map((value) => ({ value, label: visible(value) })),
        { value: here, label: visible(here), hint: 'where you are: no checkout of it' },
      ],
      input: stdin,
      output: output.stderr as NodeJS.WriteStream,
    });
    if (!isCancel(chosen)) return chosen;
    throw new CairnError('nothing-to-do', 'nothing was written: no folder was chosen', {
      hint: 'or give one by --cwd',
    });
  };
}

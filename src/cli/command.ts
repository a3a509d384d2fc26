import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { App } from '../app.ts';
import { showDashes } from './dash.ts';
import type { Output } from './output.ts';

/** Options of every command. */
export interface Globals {
  readonly bucket: string | undefined;
  readonly project: string | undefined;
  readonly agent: string | undefined;
  readonly json: boolean | undefined;
  readonly quiet: boolean | undefined;
}

/** What a command is handed besides its options. */
export interface Context {
  readonly output: Output;
  readonly stdin: NodeJS.ReadStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Settings from the options of every command. */
  readonly flags: Readonly<Partial<Record<'bucket' | 'project' | 'agent', string | undefined>>>;
  /** Opens the bucket that is set; closed when the command ends. */
  app(): Promise<App>;
}

/** Makes the context of a command from its options, and closes it. */
export type Run = (globals: Globals, work: (context: Context) => Promise<number | undefined>) => Promise<void>;

export interface CommandDefinition<T> {
  /** Name and positional arguments, as yargs takes them: `show <id>`. */
  readonly usage: string;
  readonly describe: string | false;
  /** What to type, and what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly epilogue?: string;
  options(yargs: Argv<Globals>): Argv<T> | Promise<Argv<T>>;
  /** The exit code, where it is not 0. What costs time to load is imported here. */
  run(args: ArgumentsCamelCase<T>, context: Context): Promise<number | undefined>;
}

export interface Command {
  readonly name: string;
  readonly hidden: boolean;
  /** `isSilent`: its help is not going to be shown. */
  add(yargs: Argv<Globals>, run: Run, isSilent: boolean): Argv<Globals>;
}

/** A command of the program; its options are known to nobody else. */
export function defineCommand<T extends Globals>(definition: CommandDefinition<T>): Command {
  const { usage, describe, examples, epilogue, options } = definition;
  return {
    name: usage.split(' ')[0] ?? usage,
    hidden: describe === false,
    add: (yargs, run, isSilent) =>
      yargs.command<T>(
        usage,
        describe as string,
        async (y) => {
          const built = await options(y);
          if (isSilent) return withoutHelp(built);
          built.example(examples.map(([command, does]) => [command, does]));
          return epilogue === undefined ? built : built.epilogue(epilogue);
        },
        (given) => {
          const args = showDashes(given);
          return run(args, (context) => definition.run(args, context));
        },
      ),
  };
}

/** yargs lays out the help of every command that it runs, which takes longer than all else it does: leaves it nothing to lay out. */
function withoutHelp<T>(yargs: Argv<T>): Argv<T> {
  const { key } = (yargs as unknown as { getOptions(): { readonly key: object } }).getOptions();
  return Object.keys(key).reduce((hidden, name) => hidden.hide(name), yargs);
}

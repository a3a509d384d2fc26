import type { App } from '../app.ts';
import type { Globals, Run } from './command.ts';
import { hideDashes } from './dash.ts';
import { reportFailure } from './failure.ts';
import { sectioned } from './help.ts';
import { Output, type Stream } from './output.ts';

/** The process as the program sees it; a test hands in its own. */
export interface Io {
  readonly argv: readonly string[];
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const noGlobals: Globals = {
  bucket: undefined,
  project: undefined,
  agent: undefined,
  json: undefined,
  quiet: undefined,
};

/** A filter starts for each text anew, and with nothing to parse the parser would be half of its start. */
function isPlainFilter(argv: readonly string[]): boolean {
  return argv.length === 2 && argv[0] === 'redact' && argv[1] === 'filter';
}

/** Runs one command line; gives its exit code. Never throws. */
export async function runCommandLine(io: Io): Promise<number> {
  const { argv, stdin, stdout, stderr, env, signal } = io;
  let exit = 0;
  // Until the options are parsed: an error in them is told as they would have it.
  let output = new Output({ stdout, stderr, env, json: argv.includes('--json') || undefined });
  const run: Run = async ({ bucket, project, agent, json, quiet }, work) => {
    output = new Output({ stdout, stderr, env, json, quiet });
    let opened: Promise<App> | undefined;
    const flags = { bucket, project, agent };
    const app = () => {
      opened ??= import('../app.ts').then(({ openApp }) => openApp(flags));
      return opened;
    };
    try {
      exit = (await work({ output, stdin, signal, flags, app })) ?? 0;
    } finally {
      const left = await opened?.catch(() => undefined);
      await left?.close();
    }
  };
  try {
    if (isPlainFilter(argv)) {
      const { runFilter } = await import('./redact-filter.ts');
      await run(noGlobals, (context) => runFilter(undefined, context));
      return exit;
    }
    const { buildProgram } = await import('./program.ts');
    const program = await buildProgram(argv, run);
    let help = '';
    await program.parseAsync(hideDashes(argv), {}, (_error, _args, text) => {
      help = text;
    });
    if (help !== '') await output.line(sectioned(help));
  } catch (error) {
    // What was aborted by the user is no failure of its own: the signal has its exit code.
    if (!(signal.aborted && (error as Error | undefined)?.name === 'AbortError')) {
      exit = reportFailure(error, output, env.CAIRN_DEBUG === '1');
    }
  }
  return exit;
}

import { uptime } from 'node:os';
import type { Argv } from 'yargs';
import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import { listPrice } from '../mirror/cost.ts';
import type { ServiceFolder, ServiceStatus } from '../mirror/service-folder.ts';
import { type Command, defineCommand, type Globals } from './command.ts';
import type { Output } from './output.ts';
import type { Manager } from './service-manager.ts';
import { count, formatAge, formatBytes, visible } from './text.ts';
import { checkCount, parseDuration } from './values.ts';

/** What of the live mirror a service can be told; the same words as those of `session mirror`. */
function mirrorArguments<T extends Globals>(yargs: Argv<T>) {
  return yargs
    .option('interval', { type: 'string', default: '5s', describe: 'Pause between two parts of a session' })
    .option('harness', { type: 'string', array: true, describe: 'Only sessions of this agent' })
    .option('kind', { choices: ['interactive', 'sdk', 'batch'] as const, array: true, describe: 'Only such sessions' })
    .option('max-requests-per-hour', { type: 'number', describe: 'The pause grows where more would be made' });
}

interface MirrorArguments {
  readonly interval: string;
  readonly harness: string[] | undefined;
  readonly kind: string[] | undefined;
  readonly maxRequestsPerHour: number | undefined;
}

const installCommand = defineCommand({
  usage: 'install',
  describe: 'Keep the live mirror of all sessions running, from each login on',
  examples: [
    ['cairn service install', 'as a user service of this host, started at once'],
    ['cairn service install --print', 'only show the file that would be written'],
  ],
  epilogue:
    'Uses systemd, launchd or the Windows task scheduler; where none of them runs, `cairn service start` starts a plain process. Credentials are never written: the service finds them where the AWS tools do.',
  options: (yargs) =>
    mirrorArguments(yargs)
      .option('manager', {
        choices: ['systemd', 'launchd', 'windows', 'process'] as const,
        describe: 'Default: what runs on this host',
      })
      .option('print', { type: 'boolean', describe: 'Show the file; change nothing' }),
  async run(args, { output, app: open }) {
    const { detectManager, openManager, serviceUnit } = await import('./service-manager.ts');
    const app = await open();
    const { folder } = await openService(app);
    const unit = serviceUnit(app, wordsOf(app, args));
    const manager = openManager(args.manager ?? (await detectManager(app)), app, unit, folder.path);
    if (args.print) {
      await output.write(manager.text);
      return undefined;
    }
    await manager.install();
    const { name, path } = manager;
    if (output.json) await output.object({ manager: name, file: path, name: unit.name });
    else await output.line(`installed ${unit.name} (${name}): ${path}`);
    const { AWS_ACCESS_KEY_ID: key } = app.host.env;
    if (name !== 'process' && key) {
      output.note(
        'the keys in this shell are not given to the service: put them into ~/.aws/credentials, or use a role',
      );
    }
    if (name === 'process')
      output.note('start it with `cairn service start`; `@reboot cairn service start` in a crontab does so');
    return undefined;
  },
});

const uninstallCommand = defineCommand({
  usage: 'uninstall',
  describe: 'Stop the live mirror, and no longer start it at login',
  examples: [['cairn service uninstall', 'what is in the bucket stays']],
  options: (yargs) => yargs,
  async run(_, { output, app: open }) {
    const app = await open();
    const service = await openService(app);
    const manager = await service.installed();
    if (!manager) throw notInstalled();
    await stop(service, manager);
    await manager.uninstall();
    if (output.json) await output.object({ manager: manager.name, file: manager.path });
    else await output.line(`removed ${manager.path}`);
    return undefined;
  },
});

const startCommand = defineCommand({
  usage: 'start',
  describe: 'Start the live mirror: the installed service, or a process of its own',
  examples: [['cairn service start --interval 2s', 'and go on working in this terminal']],
  options: (yargs) => mirrorArguments(yargs),
  async run(args, { output, app: open, signal }) {
    const { openManager, serviceUnit, installedCommand } = await import('./service-manager.ts');
    const { untilLiving } = await import('./mirror-detach.ts');
    const app = await open();
    const service = await openService(app);
    let status = await service.living();
    if (!status) {
      const installed = await service.installed();
      let unit = serviceUnit(app, wordsOf(app, args));
      if (installed?.name === 'process')
        unit = { ...unit, command: (await installedCommand(installed.path)) ?? unit.command };
      await (installed && installed.name !== 'process'
        ? installed
        : openManager('process', app, unit, service.folder.path)
      ).start();
      status = await untilLiving(app, () => service.living(), signal);
    } else output.note('it runs already');
    if (output.json) await output.object({ pid: status.process.pid, since: status.since });
    else await output.line(`the live mirror runs as process ${status.process.pid}`);
    return undefined;
  },
});

const stopCommand = defineCommand({
  usage: 'stop',
  describe: 'Let the live mirror ship what is left, and end it',
  examples: [['cairn service stop', 'exit 10 where none runs']],
  options: (yargs) => yargs,
  async run(_, { output, app: open }) {
    const service = await openService(await open());
    if (!(await stop(service, await service.installed()))) {
      throw new CairnError('nothing-to-do', 'expected a live mirror of this project, found none', {
        hint: '`cairn service start` starts one',
      });
    }
    if (output.json) await output.object({ stopped: true });
    else await output.line('stopped; what was new is shipped');
    return undefined;
  },
});

const statusCommand = defineCommand({
  usage: 'status',
  describe: 'Show whether the live mirror runs, what waits, and what it asked of the bucket',
  examples: [['cairn service status --json', 'for a monitor: exit 10 where none runs, 1 where it has trouble']],
  options: (yargs) => yargs,
  async run(_, { output, app: open }) {
    const { BEAT_MS } = await import('../mirror/service.ts');
    const app = await open();
    const service = await openService(app);
    const status = await service.living();
    const last = status ?? (await service.folder.readStatus());
    const installed = await service.installed();
    const { ageOf } = await import('../mirror/service-folder.ts');
    const ageMs = last ? ageOf(last, { now: app.runtime.now, uptime, boot: service.boot }) : 0;
    const stalled = status !== undefined && ageMs > 3 * BEAT_MS;
    if (output.json) {
      await output.object({
        running: status !== undefined,
        ...(stalled && { stalled }),
        ...(installed && { manager: installed.name }),
        ...(last && shown(last)),
      });
    } else await tell(output, status, last, stalled, installed, ageMs);
    if (!status) {
      throw new CairnError('nothing-to-do', 'expected a live mirror of this project, found none', {
        hint: '`cairn service start` starts one, `cairn service install` one that stays',
      });
    }
    if (stalled || status.live.trouble) {
      throw new CairnError(
        'incomplete',
        `expected a mirror that works, got: ${status.live.trouble?.message ?? `no sign of life for ${formatAge(ageMs)}`}`,
        {
          hint: status.live.trouble?.hint ?? 'restart it: `cairn service stop`, then `cairn service start`',
        },
      );
    }
    return undefined;
  },
});

const logsCommand = defineCommand({
  usage: 'logs',
  describe: 'Show what the live mirror had to say: troubles, new epochs, starts and stops',
  examples: [['cairn service logs -n 50 -f', 'the last 50 lines, and those that come']],
  options: (yargs) =>
    yargs
      .option('lines', { type: 'number', alias: 'n', default: 20, describe: 'Lines to begin with' })
      .option('follow', { type: 'boolean', alias: 'f', describe: 'Go on until Ctrl-C' }),
  async run(args, { output, app: open, signal }) {
    const lines = checkCount('lines', args.lines, 0, 10_000) ?? 20;
    const app = await open();
    const { folder } = await openService(app);
    const print = async (line: string) => output.line(output.json ? line : visible(sentence(line)));
    let shownLines = await folder.lastLines(10_000);
    for (const line of lines === 0 ? [] : shownLines.slice(-lines)) await print(line);
    while (args.follow && !signal.aborted) {
      await app.runtime.sleep(500, signal);
      const now = await folder.lastLines(10_000);
      const from = now.lastIndexOf(shownLines.at(-1) ?? '') + 1;
      for (const line of now.slice(from)) await print(line);
      shownLines = now;
    }
    return undefined;
  },
});

/** `cairn service …` */
export const serviceCommands: readonly Command[] = [
  installCommand,
  uninstallCommand,
  startCommand,
  stopCommand,
  statusCommand,
  logsCommand,
];

interface Service {
  readonly folder: ServiceFolder;
  /** Of this host, by its last start. */
  readonly boot: string;
  readonly app: App;
  living(): Promise<ServiceStatus | undefined>;
  installed(): Promise<Manager | undefined>;
}

async function openService(app: App): Promise<Service> {
  const { openState } = await import('../app.ts');
  const { ServiceFolder } = await import('../mirror/service-folder.ts');
  const { hostProcesses } = await import('../mirror/processes.ts');
  const { installedManager, serviceUnit } = await import('./service-manager.ts');
  const folder = new ServiceFolder((await openState(app)).serviceFolder, app.runtime);
  const processes = await hostProcesses(process.pid, process.kill);
  return {
    app,
    folder,
    boot: processes.self.boot,
    living: () => folder.living(processes),
    installed: () => installedManager(app, serviceUnit(app, []), folder.path),
  };
}

/** False: nothing ran. */
async function stop(service: Service, installed: Manager | undefined): Promise<boolean> {
  const status = await service.living();
  if (!status) return false;
  const stopped = await installed?.stop();
  if (!stopped) process.kill(status.process.pid, 'SIGTERM');
  for (let tries = 0; tries < 400; tries++) {
    if (!(await service.living())) return true;
    await service.app.runtime.sleep(100);
  }
  throw new CairnError('held', `expected process ${status.process.pid} to end within 40 s, but it runs on`, {
    hint: `end it with \`kill -KILL ${status.process.pid}\`: nothing is lost, the next start goes on there`,
  });
}

/** The service's own command line: nothing of it depends on where it is started. */
function wordsOf(app: App, args: MirrorArguments): string[] {
  parseDuration('interval', args.interval);
  checkCount('max-requests-per-hour', args.maxRequestsPerHour, 20);
  const { bucket, project, agent } = app.config.values;
  return [
    '--all',
    '--quiet',
    ...['--bucket', bucket, '--project', project],
    ...(app.config.origins.agent === 'default' ? [] : ['--agent', agent]),
    ...['--interval', args.interval],
    ...(args.harness ?? []).flatMap((name) => ['--harness', name]),
    ...(args.kind ?? []).flatMap((kind) => ['--kind', kind]),
    ...(args.maxRequestsPerHour === undefined ? [] : ['--max-requests-per-hour', String(args.maxRequestsPerHour)]),
  ];
}

function shown({
  process: { pid },
  since,
  at,
  version,
  intervalMs,
  requestsPerHour,
  live,
  traffic,
  parts,
  failures,
}: ServiceStatus) {
  return {
    pid,
    since,
    at,
    version,
    intervalMs,
    ...(requestsPerHour !== undefined && { requestsPerHour }),
    ...live,
    traffic,
    listUsd: listPrice(traffic).usd,
    parts,
    failures,
  };
}

async function tell(
  output: Output,
  status: ServiceStatus | undefined,
  last: ServiceStatus | undefined,
  stalled: boolean,
  installed: Manager | undefined,
  ageMs: number,
): Promise<void> {
  const kept = installed ? `, kept by ${installed.name}` : '';
  if (!last) return output.line(`never ran here${kept}`);
  const state = status
    ? stalled
      ? output.style('red', 'stands still')
      : output.style('green', 'runs')
    : 'does not run';
  await output.line(
    `${state}${status ? ` as process ${last.process.pid} since ${last.since}` : `, last seen ${formatAge(ageMs)} ago`}${kept}`,
  );
  const { live, traffic, parts, failures } = last;
  const requests = Object.values(traffic).reduce((sum, { requests: n }) => sum + n, 0);
  const up = traffic.create.bytesUp + traffic.overwrite.bytesUp;
  const { store, usd } = listPrice(traffic);
  await output.line(
    `${count(live.sessions, 'session')}, ${count(live.behind.length, 'session')} behind; ${count(parts, 'part')}, ${count(requests, 'request')}, ${formatBytes(up)} up, $${usd.toFixed(4)} at list prices of ${store}, ${count(failures, 'failure')}`,
  );
  if (live.trouble) {
    const retry = live.nextRetryMs === undefined ? '' : `, next try in ${Math.ceil(live.nextRetryMs / 1000)} s`;
    await output.line(output.style('red', visible(`${live.trouble.message} (since ${live.trouble.since}${retry})`)));
  }
  if (live.waitMs > 0)
    await output.line(`the budget of requests is used up: goes on in ${Math.ceil(live.waitMs / 1000)} s`);
  for (const { harness, session, behindMs, bytes, error } of live.behind.slice(0, 10)) {
    const why = error === undefined ? '' : `: ${error}`;
    await output.line(
      visible(`  ${harness}/${session} is ${formatAge(behindMs)} and ${formatBytes(bytes)} behind${why}`),
    );
  }
  if (live.behind.length > 10) await output.line(`  and ${live.behind.length - 10} more`);
}

/** A line of the log for a person. */
function sentence(line: string): string {
  try {
    const { at, event, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const words = Object.entries(rest).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return [at, event, ...words].join(' ');
  } catch {
    return line;
  }
}

function notInstalled(): CairnError {
  return new CairnError('nothing-to-do', 'expected an installed service of this project, found none', {
    hint: '`cairn service install` installs one; a process is stopped by `cairn service stop`',
  });
}

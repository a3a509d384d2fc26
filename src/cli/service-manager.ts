import { execFile, spawn } from 'node:child_process';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { App } from '../app.ts';
import { CairnError } from '../errors.ts';
import { launchdLabel, launchdPath, launchdPlist } from '../install/launchd.ts';
import { liveNodeOptions, type ServiceUnit, serviceVariables } from '../install/service-unit.ts';
import { systemdPath, systemdUnit } from '../install/systemd.ts';
import { taskName, windowsTask } from '../install/windows-task.ts';
import { localPlace } from '../mirror/local-place.ts';

const run = promisify(execFile);

export const managers = ['systemd', 'launchd', 'windows', 'process'] as const;
/** Who keeps the mirror running; `process`: nobody does. */
export type ManagerName = (typeof managers)[number];

/** How a host's service manager is spoken to. */
export interface Manager {
  readonly name: ManagerName;
  /** Its file, and what stands in it. */
  readonly path: string;
  readonly text: string;
  install(): Promise<void>;
  uninstall(): Promise<void>;
  start(): Promise<void>;
  /** False: the process is to be stopped by whoever asks. */
  stop(): Promise<boolean>;
}

/** The manager of this host. */
export async function detectManager({ host }: App): Promise<ManagerName> {
  if (host.platform === 'darwin') return 'launchd';
  if (host.platform === 'win32') return 'windows';
  const { XDG_RUNTIME_DIR: runtime } = host.env;
  const running = runtime !== undefined && (await exists(join(runtime, 'systemd')));
  return host.platform === 'linux' && running ? 'systemd' : 'process';
}

/** The mirror as a service: `arguments_` are those of `cairn session mirror --watch`. */
export function serviceUnit(app: App, arguments_: readonly string[]): ServiceUnit {
  const { env } = app.host;
  const place = localPlace(app.store.url, app.project).slice(0, 8);
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  return {
    name: `cairn-mirror-${place}`,
    description: `Cairn mirrors sessions to ${app.store.url}, project ${app.project}`,
    command: [process.execPath, ...liveNodeOptions, main, 'session', 'mirror', '--watch', ...arguments_],
    environment: Object.fromEntries(
      serviceVariables.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
    ),
  };
}

export function openManager(name: ManagerName, app: App, unit: ServiceUnit, folder: string): Manager {
  const { home, env, uid } = app.host;
  switch (name) {
    case 'systemd': {
      const path = systemdPath(unit, env.XDG_CONFIG_HOME || join(home, '.config'));
      const systemctl = (...words: string[]) => call('systemctl', '--user', ...words);
      return {
        ...fileOf(name, path, systemdUnit(unit)),
        async install() {
          await writeUnit(path, systemdUnit(unit));
          await systemctl('daemon-reload');
          await systemctl('enable', '--now', `${unit.name}.service`);
        },
        async uninstall() {
          await systemctl('disable', '--now', `${unit.name}.service`);
          await rm(path, { force: true });
          await systemctl('daemon-reload');
        },
        start: () => systemctl('start', `${unit.name}.service`),
        stop: () => systemctl('stop', `${unit.name}.service`).then(() => true),
      };
    }
    case 'launchd': {
      const path = launchdPath(unit, home);
      const domain = `gui/${uid ?? ''}`;
      const launchctl = (...words: string[]) => call('launchctl', ...words);
      return {
        ...fileOf(name, path, launchdPlist(unit)),
        async install() {
          await writeUnit(path, launchdPlist(unit));
          await launchctl('bootstrap', domain, path);
        },
        async uninstall() {
          await launchctl('bootout', `${domain}/${launchdLabel(unit)}`);
          await rm(path, { force: true });
        },
        start: () => launchctl('bootstrap', domain, path),
        // While it is loaded, it would be started again.
        stop: () => launchctl('bootout', `${domain}/${launchdLabel(unit)}`).then(() => true),
      };
    }
    case 'windows': {
      const path = join(folder, 'task.xml');
      const schtasks = (...words: string[]) => call('schtasks', ...words, '/TN', taskName(unit));
      return {
        ...fileOf(name, path, windowsTask(unit)),
        async install() {
          await writeUnit(path, Buffer.from(`\ufeff${windowsTask(unit)}`, 'utf16le'));
          await schtasks('/Create', '/F', '/XML', path);
          await schtasks('/Run');
        },
        async uninstall() {
          await schtasks('/End').catch(() => {}); // it need not run
          await schtasks('/Delete', '/F');
          await rm(path, { force: true });
        },
        start: () => schtasks('/Run'),
        stop: () => schtasks('/End').then(() => true),
      };
    }
    case 'process': {
      const path = join(folder, 'process.json');
      const text = `${JSON.stringify(unit.command)}\n`;
      return {
        ...fileOf(name, path, text),
        install: () => writeUnit(path, text),
        uninstall: () => rm(path, { force: true }),
        start: () => detach(unit),
        stop: async () => false,
      };
    }
  }
}

/** The manager under which the service was installed, if it was. */
export async function installedManager(app: App, unit: ServiceUnit, folder: string): Promise<Manager | undefined> {
  for (const name of managers) {
    const manager = openManager(name, app, unit, folder);
    if (await exists(manager.path)) return manager;
  }
  return undefined;
}

/** The command that a plain process was installed with. */
export async function installedCommand(path: string): Promise<string[] | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}

function fileOf(name: ManagerName, path: string, text: string) {
  return { name, path, text };
}

async function writeUnit(path: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
}

/** A process that outlives this one, its terminal and its session. */
async function detach({ command: [program = '', ...words] }: ServiceUnit): Promise<void> {
  const child = spawn(program, words, { detached: true, stdio: 'ignore', cwd: '/' });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
}

async function call(program: string, ...words: string[]): Promise<void> {
  try {
    await run(program, words);
  } catch (cause) {
    const said = String((cause as { stderr?: unknown }).stderr ?? cause).trim();
    throw new CairnError('run-failed', `expected \`${[program, ...words].join(' ')}\` to work, got: ${said}`, {
      cause,
      hint: 'run it by hand to see more; `cairn service install --manager process` needs no service manager',
    });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { randomBytes } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, type ConfigHost, loadConfig } from './config/config.ts';
import type { SettingSource } from './config/settings.ts';
import { repositoryOf } from './harness/repository.ts';
import type { Redaction } from './redact/open.ts';
import type { Runtime } from './runtime.ts';
import { readRedaction } from './secrets.ts';

/** What Cairn knows of the host it runs on. A test hands in its own. */
export interface Host extends ConfigHost {
  readonly platform: NodeJS.Platform;
}

export function thisHost(): Host {
  const { env } = process;
  return {
    env,
    home: env.HOME || homedir(),
    cwd: process.cwd(),
    machine: hostname(),
    login: loginName(env),
    uid: process.getuid?.(),
    platform: process.platform,
  };
}

/** A container may run under a user that has no name. */
function loginName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER || env.USERNAME || 'user';
  }
}

/** The host's clock and chance. */
export function systemRuntime(): Runtime {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => {}), // aborted: at once
    random: Math.random,
    id: () => base32(randomBytes(16)),
  };
}

function base32(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) << 2n;
  let text = '';
  for (let i = 0; i < 26; i++, bits >>= 5n) text = `abcdefghijklmnopqrstuvwxyz234567`.charAt(Number(bits & 31n)) + text;
  return text;
}

/** Settings alone, without opening anything. @throws CairnError `config`, `denied` */
export async function openConfig(flags: SettingSource['values'], host: Host): Promise<Config> {
  return loadConfig(flags, host, (await repositoryOf(host.cwd))?.root);
}

/** How text is redacted on this host, without opening a bucket. @throws CairnError `config`, `denied` */
export async function openRedaction(flags: SettingSource['values'], host: Host = thisHost()): Promise<Redaction> {
  return readRedaction({ config: await openConfig(flags, host), host, runtime: systemRuntime() });
}

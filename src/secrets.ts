import { randomBytes } from 'node:crypto';
import type { Config, ConfigHost } from './config/config.ts';
import { createFile } from './mirror/durable-file.ts';
import { loadKey } from './mirror/key-file.ts';
import type { Redaction } from './redact/open.ts';
import type { Runtime } from './runtime.ts';
import type { KeyRegister } from './store/project-keys.ts';
import type { BucketStore } from './store/types.ts';

/** Whose secrets: what an `App` has of its user and host. */
interface Owner {
  readonly config: Config;
  readonly host: ConfigHost;
  readonly runtime: Runtime;
}

/** The key by which this user's sources are told; made when there is none. @throws CairnError `config`, `denied` */
export function openKey({ config, runtime }: Pick<Owner, 'config' | 'runtime'>): Promise<Uint8Array> {
  return loadKey(config.keyFile, `${config.keyFile}.${runtime.id()}`, randomBytes);
}

/** By what this user's text is redacted here. @throws CairnError `config`, `denied` */
export async function readRedaction(owner: Owner): Promise<Redaction> {
  const { loadRedaction } = await import('./config/redaction.ts');
  const settings = await loadRedaction(owner.host);
  return { key: await openKey(owner), ...(settings && { settings }) };
}

/** The identities by which this user reads encrypted projects. @throws CairnError `config`, `denied` */
export async function readIdentities(owner: Pick<Owner, 'config' | 'host'>): Promise<readonly string[] | undefined> {
  const { loadIdentities } = await import('./config/identity.ts');
  const { config, host } = owner;
  return loadIdentities({ env: host.env, file: config.identityFile, modes: host.uid !== undefined });
}

/** The same, with one made where there is none. Gives what others encrypt for: `age1…`. */
export async function openIdentity(owner: Owner): Promise<{ readonly recipient: string; readonly made: boolean }> {
  const { identityToRecipient, generateX25519Identity } = await import('age-encryption');
  const found = await readIdentities(owner);
  if (!found) {
    const file = owner.config.identityFile;
    const identity = await generateX25519Identity();
    const text = `# public key: ${await identityToRecipient(identity)}\n${identity}\n`;
    await createFile(file, text, `${file}.${owner.runtime.id()}`);
  }
  const [identity] = found ?? (await readIdentities(owner)) ?? [];
  if (identity === undefined) throw new Error('the identity that was made is not there');
  return { recipient: await identityToRecipient(identity), made: !found };
}

/** The keys of the project that is set, for who adds and removes members. */
export async function openKeyRegister(
  app: Pick<Owner, 'config' | 'runtime'> & { readonly store: BucketStore; readonly project: string },
): Promise<KeyRegister> {
  const { KeyRegister } = await import('./store/project-keys.ts');
  const { store, project, runtime, config } = app;
  return new KeyRegister({ store, project, runtime, agent: config.values.agent });
}

/** Bits a character from which a token is replaced wherever it stands; `off`: none is for that alone. */
export type Entropy = number | 'off';

/** Overrides `[entropy] anywhere` of the configuration. */
export function withEntropy(redaction: Redaction, entropy: Entropy | undefined): Redaction {
  if (entropy === undefined) return redaction;
  const settings = redaction.settings ?? { disable: [], rules: [], allow: [], names: [] };
  return { ...redaction, settings: { ...settings, anywhere: entropy === 'off' ? undefined : entropy } };
}

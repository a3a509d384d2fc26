import * as v from 'valibot';
import { CairnError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { isPresent, Register } from './register.ts';
import { decrypt, encrypt, ForeignKey } from './seal.ts';
import { keysPath } from './sealed-keys.ts';
import { type Author, type Slot, slotSpace } from './slots.ts';
import type { BucketStore } from './types.ts';

const recipient = v.pipe(v.string(), v.regex(/^age1[a-z0-9]{1,4096}$/));
const member = v.object({ name: v.pipe(v.string(), v.maxLength(200)), recipient });
const schema = v.looseObject({
  /** For which everything is encrypted that is written from now on. */
  recipient,
  members: v.pipe(v.array(member), v.maxLength(1000)),
  /** `{"identities":[…]}`, the newest first, encrypted for every member; base64. */
  keys: v.string(),
});

export type Member = Readonly<v.InferOutput<typeof member>>;
/** What the register of keys holds. */
export type ProjectKeys = Readonly<v.InferOutput<typeof schema>>;

/** The keys of one encrypted project. Each change is one small object; nothing is encrypted anew. */
export class KeyRegister {
  readonly #register: Register<ProjectKeys>;
  readonly #by: Author;

  constructor(options: { store: BucketStore; project: string; runtime: Runtime; agent: string }) {
    const { store, project, runtime, agent } = options;
    const space = slotSpace({ store, project, runtime, ordered: false, verify: 'always' });
    this.#register = new Register(space, keysPath, (value) => v.parse(schema, value));
    this.#by = { agent, process: '' };
  }

  /** @throws CairnError `corrupt`, of the store */
  async read(): Promise<ProjectKeys> {
    return (await this.#current()).value;
  }

  async #current(): Promise<Slot<ProjectKeys>> {
    const current = await this.#register.read();
    if (isPresent(current)) return current;
    throw new CairnError('corrupt', 'expected the keys of an encrypted project at meta/keys, got none', {
      hint: 'without them nothing in it can be read; restore that object from a backup of the bucket',
    });
  }

  /** The project's first key, unless another host was faster: then what that one made. */
  async create(members: readonly Member[]): Promise<ProjectKeys> {
    const current = await this.#register.read();
    if (isPresent(current)) return current.value;
    const { identity, recipient } = await generate();
    const value = { recipient, members: [...members], keys: await wrap([identity], members) };
    const written = await this.#register.cas(current, value, { by: this.#by, op: 'create' });
    return written.outcome === 'won' ? value : this.read();
  }

  /** Who is added reads everything, also what was written before. */
  async add(member: Member, identities: readonly string[]): Promise<void> {
    await this.#change('add', async (keys) => {
      if (keys.members.some(({ recipient }) => recipient === member.recipient)) return undefined;
      const named = keys.members.find(({ name }) => name === member.name);
      if (named) {
        throw new CairnError('exists', `expected a new name for ${member.recipient}, got that of ${named.recipient}`, {
          hint: 'give another --name, or remove that member first',
        });
      }
      const members = [...keys.members, member];
      return { ...keys, members, keys: await wrap(await unwrap(keys, identities), members) };
    });
  }

  /** What is written from now on has a new key, which who is removed does not get. @throws CairnError `not-found` */
  async remove(wanted: string, identities: readonly string[]): Promise<Member> {
    let removed: Member | undefined;
    await this.#change('remove', async (keys) => {
      removed = keys.members.find(({ name, recipient }) => name === wanted || recipient === wanted);
      const members = keys.members.filter((member) => member !== removed);
      if (!removed) {
        throw new CairnError('not-found', `expected a member, got ${JSON.stringify(wanted)}`, {
          hint: '`cairn member list` shows them',
        });
      }
      if (members.length === 0) {
        throw new CairnError(
          'usage',
          `expected another member beside ${removed.name}, or nobody could read the project`,
        );
      }
      const { identity, recipient } = await generate();
      const all = [identity, ...(await unwrap(keys, identities))];
      return { ...keys, recipient, members, keys: await wrap(all, members) };
    });
    if (!removed) throw new Error('nobody was removed');
    return removed;
  }

  async #change(op: string, next: (keys: ProjectKeys) => Promise<ProjectKeys | undefined>): Promise<void> {
    for (;;) {
      const current = await this.#current();
      const value = await next(current.value);
      if (!value) return;
      const written = await this.#register.cas(current, value, { by: this.#by, op });
      if (written.outcome === 'won') return;
    }
  }
}

/** @throws CairnError `usage` for what is no age recipient */
export function checkRecipient(text: string): void {
  if (/^age1(?:pq1)?[a-z0-9]{50,}$/.test(text)) return;
  throw new CairnError('usage', `expected an age recipient, age1…, got ${JSON.stringify(text.slice(0, 80))}`, {
    hint: 'who is to be a member finds theirs with `cairn member key`',
  });
}

/** The project's identities, the newest first. @throws CairnError `denied` for who is no member */
export async function unwrap(keys: ProjectKeys, identities: readonly string[]): Promise<readonly string[]> {
  try {
    const opened = await decrypt(Buffer.from(keys.keys, 'base64'), identities, keysPath);
    return v.parse(v.object({ identities: v.array(v.string()) }), JSON.parse(Buffer.from(opened).toString('utf8')))
      .identities;
  } catch (error) {
    if (!(error instanceof ForeignKey)) throw error;
    throw new CairnError('denied', 'expected the identity of a member of this project, got that of somebody else', {
      cause: error,
      hint: 'name the right one by CAIRN_IDENTITY, or have a member add yours: `cairn member key` shows it',
    });
  }
}

async function wrap(identities: readonly string[], members: readonly Member[]): Promise<string> {
  const bytes = Buffer.from(JSON.stringify({ identities }));
  return Buffer.from(
    await encrypt(
      bytes,
      members.map(({ recipient }) => recipient),
    ),
  ).toString('base64');
}

async function generate(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

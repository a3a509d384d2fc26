import { ReadableStream } from 'node:stream/web';
import { CairnError } from '../errors.ts';
import { chunksOf, collect } from './payload.ts';
import type { Payload } from './types.ts';

/** Encrypts for one project, and decrypts where an identity of a member is at hand. The format is age's. */
export interface Seal {
  /** The public half of the project's key, `age1…`: all that writing takes. */
  readonly recipient: string;
  seal(payload: Payload): Promise<Payload>;
  /**
   * The bytes within, as they pass authentication.
   * @throws CairnError `denied` without an identity that opens them, `corrupt`
   */
  open(body: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array>;
}

/** What was encrypted for a key that this identity has not, or not yet. */
export class ForeignKey extends CairnError {
  constructor(key: string, cause: unknown) {
    super('denied', `expected ${key} to be encrypted for a key that you have, got another`, {
      cause,
      hint: 'a member can add you: `cairn member add`; see `cairn member key` for what to give them',
    });
  }
}

/** Bytes of an age file for one X25519 recipient before its first chunk, and those that end each chunk of 64 KiB. */
const headBytes = 184;
const chunkBytes = 65_536;
const tagBytes = 16;

/** @param identities of the project, the newest first; asked for when something has to be opened */
export function createSeal(recipient: string, identities: () => Promise<readonly string[]>): Seal {
  return {
    recipient,
    async seal(payload) {
      if (payload instanceof Uint8Array) return encrypt(payload, [recipient]);
      const chunks = Math.max(1, Math.ceil(payload.size / chunkBytes));
      return {
        size: headBytes + payload.size + chunks * tagBytes,
        async *open() {
          const encrypter = await encrypterFor([recipient]);
          yield* await encrypter.encrypt(ReadableStream.from(chunksOf(payload)));
        },
      };
    },
    async *open(body, key) {
      const { Decrypter } = await import('age-encryption');
      const decrypter = new Decrypter();
      for (const identity of await identities()) decrypter.addIdentity(identity);
      yield* decrypted(key, async () => decrypter.decrypt(ReadableStream.from(body)));
    },
  };
}

/** The same for bytes that are at hand. */
export async function sealBytes(seal: Seal, bytes: Uint8Array): Promise<Uint8Array> {
  return collect(chunksOf(await seal.seal(bytes)));
}

/** An age file that each of `recipients` opens. */
export async function encrypt(bytes: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  return (await encrypterFor(recipients)).encrypt(bytes);
}

/** @throws CairnError `denied`, `corrupt` */
export async function decrypt(bytes: Uint8Array, identities: readonly string[], key: string): Promise<Uint8Array> {
  return collect(createSeal('', async () => identities).open(chunksOf(bytes), key));
}

async function encrypterFor(recipients: readonly string[]) {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter;
}

async function* decrypted(key: string, decrypt: () => Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  try {
    yield* await decrypt();
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    if (cause instanceof Error && cause.message.startsWith('no identity matched')) throw new ForeignKey(key, cause);
    throw new CairnError('corrupt', `expected what was encrypted for the project at ${key}, got something else`, {
      cause,
      hint: 'run `cairn session verify` to see what is readable',
    });
  }
}

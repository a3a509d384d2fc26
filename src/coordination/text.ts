import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type BlobRef, putBlob, readBlob } from '../store/blob.ts';
import { collect } from '../store/payload.ts';
import type { SlotSpace } from '../store/slots.ts';
import type { Coordination } from './coordination.ts';

const blobSchema = v.looseObject({ key: v.string(), sha256: v.string(), size: v.number() });

export const blobRefSchema: v.GenericSchema<unknown, BlobRef> = blobSchema;

export const bodySchema: v.GenericSchema<unknown, Body> = v.union([v.string(), v.looseObject({ blob: blobRefSchema })]);

/** Text in a slot, or where it lies when it is large. */
export type Body = string | { readonly blob: BlobRef };

/** Larger text lies beside the slot. */
export const inlineBytes = 65_536;

/** Text as it is stored: redacted, and a blob where it is large. */
export async function storeText(c: Coordination, text: string): Promise<Body> {
  const clean = c.redact(text);
  const bytes = Buffer.from(clean);
  return bytes.byteLength <= inlineBytes ? clean : { blob: await storeBytes(c.space, bytes) };
}

export function storeBytes(space: SlotSpace, bytes: Uint8Array): Promise<BlobRef> {
  return putBlob(space, bytes, createHash('sha256').update(bytes).digest('hex'));
}

/** @throws CairnError `not-found`, `corrupt` */
export async function loadText(space: SlotSpace, body: Body): Promise<string> {
  if (typeof body === 'string') return body;
  return Buffer.from(await collect(readBlob(space.store, space.project, body.blob))).toString('utf8');
}

/** Redacts what may be absent. */
export function clean(c: Coordination, text: string | undefined): string | undefined {
  return text === undefined ? undefined : c.redact(text);
}

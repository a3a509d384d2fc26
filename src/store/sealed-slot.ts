import { chunksOf, collect } from './payload.ts';
import { type Seal, sealBytes } from './seal.ts';

/** What stands in every slot and is no content: it decides races and shows the history, also to who cannot open it. */
const head = ['v', 'n', 'w', 'prev', 'by', 'op', 'at'] as const;

/** The body of a slot with its content encrypted: `{…head, sealed: <base64>}`. */
export async function sealSlot(seal: Seal, bytes: Uint8Array): Promise<Uint8Array> {
  const body = JSON.parse(Buffer.from(bytes).toString('utf8')) as Readonly<Record<string, unknown>>;
  const content = Object.fromEntries(Object.entries(body).filter(([name]) => !isHead(name)));
  const sealed = await sealBytes(seal, Buffer.from(JSON.stringify(content)));
  const plain = Object.fromEntries(head.map((name) => [name, body[name]]));
  return Buffer.from(`${JSON.stringify({ ...plain, sealed: Buffer.from(sealed).toString('base64') })}\n`);
}

/** The inverse; a body that is no sealed one stays as it is, and whoever reads it says what is wrong. */
export async function openSlot(seal: Seal, bytes: Uint8Array, key: string): Promise<Uint8Array> {
  const body = parse(bytes);
  if (typeof body?.sealed !== 'string') return bytes;
  const { sealed, ...plain } = body;
  const opened = await collect(seal.open(chunksOf(Buffer.from(sealed as string, 'base64')), key));
  const content = parse(opened) ?? {};
  return Buffer.from(JSON.stringify({ ...content, ...plain }));
}

function isHead(name: string): boolean {
  return (head as readonly string[]).includes(name);
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

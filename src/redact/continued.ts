/** Base64 lines that fill a string of a record from its beginning, or one that is a line of text: the next part of a key. */
const part =
  /(?<=^|")((?:[A-Za-z0-9+/=]{40,80}(?:\\r)?\\n){1,300}(?:[A-Za-z0-9+/=]{1,80}(?:\\r)?(?:\\n)?)?|[A-Za-z0-9+/=]{40,80})(?="|-----END|\r?\n|$)/g;
/** Of a commit or a file: no line of a key has so few kinds of characters. */
const hash = /^(?:[0-9a-f]+|[0-9A-F]+)$/;
/** Raw bytes of a record in which the next part of a key is looked for. */
const reach = 64_000;

export interface Continuation {
  readonly parts: readonly { readonly from: number; readonly to: number; readonly secret: string }[];
  /** The key may go on in the record after this one. */
  readonly open: boolean;
}

/** Where the line at `[from, to)` goes on with a key that an earlier record began. */
export function continueKey(block: Uint8Array, from: number, to: number): Continuation {
  const length = Math.min(reach, to - from);
  const text = Buffer.from(block.buffer, block.byteOffset + from, length).toString('latin1');
  const parts = [];
  let open = false;
  for (const match of text.matchAll(part)) {
    const secret = match[1] as string;
    if (hash.test(secret)) continue;
    parts.push({ from: from + match.index, to: from + match.index + secret.length, secret });
    open = /["\r\n]/.test(text[match.index + secret.length] ?? '');
  }
  return { parts, open };
}

import type { Maker } from './maker.ts';

/** A text that holds secrets of a kind, made anew at each call. */
export interface TextKind {
  readonly kind: string;
  make(m: Maker): { readonly text: string; readonly secrets: readonly string[] };
}

/** A kind a line: name, text and secrets, with ` ¦ ` between them and ` § ` between secrets; `\\n` is a line end. */
export function textTable(table: string): readonly TextKind[] {
  const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', text = '', secrets = ''] = line.split(' ¦ ');
      const plain = (template: string) => template.replace(/\\(.)/g, (_, sign: string) => signs[sign] ?? sign);
      return textKind(kind, plain(text), ...secrets.split(' § ').map(plain));
    });
}

/** `text` is a template; `@1`, `@2` stand for the secrets, which are templates, too. */
export function textKind(kind: string, text: string | readonly string[], ...secrets: readonly string[]): TextKind {
  const texts = typeof text === 'string' ? [text] : text;
  return {
    kind,
    make(m) {
      const made = secrets.map((secret) => m.fill(secret));
      const filled = m.fill(m.pick(texts)).replace(/@(\d)(b64)?(?!\d)/g, (_, n: string, encoded?: string) => {
        const secret = made[Number(n) - 1] ?? '';
        return encoded ? Buffer.from(secret).toString('base64') : secret;
      });
      return { text: filled, secrets: made };
    },
  };
}

import type { TextKind } from './text-kind.ts';

const dashes = '-'.repeat(5);

function pemKind(kind: string, label: string, lines: number, frame: (lines: readonly string[]) => string): TextKind {
  return {
    kind,
    make(m) {
      const body = Array.from({ length: lines }, (_, i) => m.fill(i === lines - 1 ? '{base64:42}==' : '{base64:64}'));
      const all = [`${dashes}BEGIN ${label}${dashes}`, ...body, `${dashes}END ${label}${dashes}`];
      const text = frame(all);
      // In base64 of it all, the lines are others.
      return { text, secrets: text.includes(body[2] ?? '') ? body : text.split('\n').slice(1) };
    },
  };
}

const rsa = `RSA PRIVATE ${'KEY'}`;
const pkcs8 = `PRIVATE ${'KEY'}`;
const openssh = `OPENSSH PRIVATE ${'KEY'}`;
const ec = `EC PRIVATE ${'KEY'}`;
const dsa = `DSA PRIVATE ${'KEY'}`;
const encrypted = `ENCRYPTED PRIVATE ${'KEY'}`;
const pgp = `PGP PRIVATE ${'KEY'} BLOCK`;

/** Private keys over many lines, in all that they are shown in. */
export const keys: readonly TextKind[] = [
  pemKind('pem', rsa, 25, (l) => `$ cat key.pem\n${l.join('\n')}\n`),
  pemKind('pem-pkcs8-env', pkcs8, 26, (l) => `PRIVATE_KEY="${l.join('\\n')}\\n"`),
  pemKind('pem-json', pkcs8, 26, (l) => JSON.stringify({ private_key: `${l.join('\n')}\n` })),
  pemKind('pem-json-string', ec, 3, (l) => JSON.stringify({ body: JSON.stringify({ key: l.join('\n') }) })),
  pemKind('pem-crlf', rsa, 20, (l) => l.join('\r\n')),
  pemKind('pem-yaml', rsa, 20, (l) => `tls.key: |\n${l.map((x) => `    ${x}`).join('\n')}\n`),
  pemKind('pem-read', openssh, 6, (l) => l.map((x, i) => `${String(i + 1).padStart(6)}→${x}`).join('\n')),
  pemKind('pem-cat-n', openssh, 6, (l) => l.map((x, i) => `${String(i + 1).padStart(6)}\t${x}`).join('\n')),
  pemKind('pem-diff', dsa, 9, (l) => l.map((x) => `+${x}`).join('\n')),
  pemKind('pem-grep', rsa, 12, (l) => l.map((x, i) => `id_rsa:${i + 1}:${x}`).join('\n')),
  pemKind('pem-js', rsa, 12, (l) => l.map((x) => `  '${x}\\n' +`).join('\n')),
  pemKind('pem-array', rsa, 12, (l) => `[${l.map((x) => `"${x}"`).join(', ')}].join("\\n")`),
  pemKind('pem-heredoc', encrypted, 28, (l) => `cat > k.pem <<'EOF'\n${l.join('\n')}\nEOF`),
  pemKind('pem-head', rsa, 10, (l) => l.slice(0, 6).join('\n')),
  pemKind('pem-tail', rsa, 10, (l) => `$ tail -n 8 key\n${l.slice(-8).join('\n')}`),
  pemKind('pem-one-line', rsa, 10, (l) => l.join(' ')),
  pemKind('pem-b64-wrapped', pkcs8, 12, (l) =>
    (
      Buffer.from(l.join('\n'))
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\n'),
  ),
  pemKind('pgp', pgp, 20, (l) => [l[0], 'Version: GnuPG v2', '', ...l.slice(1, -1), '=aB3d', l.at(-1)].join('\n')),
  pemKind('pem-proc-type', rsa, 12, (l) =>
    [l[0], 'Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-128-CBC,8F1D0C3B2A49586776859403F2E1D0C9', '', ...l.slice(1)].join(
      '\n',
    ),
  ),
  {
    kind: 'ppk',
    make(m) {
      const body = Array.from({ length: 6 }, () => m.fill('{base64:64}'));
      return {
        text: `PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: dev\nPublic-Lines: 2\n${m.fill('{base64:64}\n{base64:64}')}\nPrivate-Lines: 6\n${body.join('\n')}\nPrivate-MAC: ${m.fill('{hex:64}')}`,
        secrets: body,
      };
    },
  },
];

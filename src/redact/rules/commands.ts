import { isPlaceholder } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { isInsideWord, tokenLikely } from '../raw.ts';
import { shape } from './fixed.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

/** A password on a command line: quoted, or up to the next space. */
const quotedOrBare = `(?:"([^"\\n]{4,200})"|'([^'\\n]{4,200})'|([^\\s"'|;&<>]{4,200}))`;
/** Arguments in front of the flag that counts. */
const ahead = '(?=\\s)[^\\n|]{0,240}?\\s';

function flag(tools: string, pattern: string): Rule {
  const names = tools.split(',');
  const alternatives = names.map((name) => name.replace(/ /g, '\\s{1,4}')).join('|');
  return shape('command-password', names, `(?:${alternatives})${ahead}(?:${pattern})`, {
    likely: isCommand,
    valid: isPassword,
  });
}

/** A program's name on its own, with arguments behind it. */
function isCommand(raw: Uint8Array, from: number, to: number): boolean {
  return raw[to] === 0x20 && !isInsideWord(raw, from) && raw[from - 1] !== 0x2d;
}

function isPassword(secret: string): boolean {
  return !isPlaceholder(secret) && !/^(?:\d+|[$%@-].*|[A-Za-z]+)$/.test(secret) && !secret.includes('\u0001');
}

/** Passwords given to programs by short flags; long ones (`--password`) are assignments. */
export const commands: readonly Rule[] = [
  flag(
    'curl,http -,https -,xh -',
    `(?:-u|--user|--proxy-user|-U|-a|--auth)[ =]?["']?[^\\s:"']{1,100}:([^\\s"']{4,200})`,
  ),
  flag('mysql,mysqldump,mysqladmin,mysqlimport,mariadb,mariadb-dump,mycli', `-p${quotedOrBare}`),
  flag('sshpass', `-p\\s{0,2}${quotedOrBare}`),
  flag('redis-cli,redli,valkey-cli,keydb-cli', `(?:-a|--pass)\\s{1,2}${quotedOrBare}`),
  flag(
    'docker login,podman login,nerdctl login,buildah login,skopeo login,helm registry login,oras login,crane auth login,az acr login,az login,cf login,oc login,heroku login,argocd login',
    `-p\\s{1,2}${quotedOrBare}`,
  ),
  flag('skopeo,crane,podman', `(?:--(?:src-|dest-)?creds)[ =]["']?[^\\s:"']{1,100}:([^\\s"']{4,200})`),
  flag(
    'mongo,mongosh,mongodump,mongorestore,mongoexport,mongoimport,cqlsh,influx,sqlcmd,isql,bcp,kinit,rabbitmqadmin,cypher-shell,snowsql',
    `-[pP]\\s{1,2}${quotedOrBare}`,
  ),
  flag('ldapsearch,ldapadd,ldapmodify,ldapwhoami,ldappasswd', `-w\\s{0,2}${quotedOrBare}`),
  flag('smbclient,rpcclient,mount.cifs,wmic,winexe', `-U\\s{0,2}["']?[^\\s%"']{1,100}%([^\\s"']{4,200})`),
  flag('openssl', `(?:-pass(?:in|out)?\\s{1,2}["']?pass:|-k\\s{1,2}["']?)([^\\s"']{4,200})`),
  flag('zip,unzip,7z,7za,rar,unrar', `-[pP]\\s{0,1}${quotedOrBare}`),
  flag('htpasswd', `-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s{1,2}\\S{1,200}\\s{1,2}\\S{1,100}\\s{1,2}${quotedOrBare}`),
  flag('rabbitmqctl', `(?:add_user|change_password)\\s{1,2}\\S{1,100}\\s{1,2}${quotedOrBare}`),
  flag('xfreerdp,wfreerdp,rdesktop', `(?:/p:|-p\\s{1,2})${quotedOrBare}`),
  flag('net use', `\\S{1,200}\\s{1,2}(?:/user:\\S{1,100}\\s{1,2})${quotedOrBare}`),
  flag(
    'vault login,doppler login,fly auth token,ngrok authtoken,ngrok config add-authtoken',
    `(?=\\S{0,200}\\d)${quotedOrBare}`,
  ),
  shape(
    'command-password',
    ['echo '],
    `echo\\s{1,2}(?:-n\\s{1,2})?(?:"([^"\\n]{4,200})"|'([^'\\n]{4,200})'|([^\\s"'|;&<>]{4,200}))\\s{0,3}\\|\\s{0,3}(?:sudo\\s{1,3}(?:-\\w{1,4}\\s{1,3}){0,3}-\\w{0,4}S|passwd\\s{1,3}--stdin|docker\\s{1,3}login|su\\b|kinit|cryptsetup)`,
    { valid: isPassword },
  ),
  shape(
    'command-password',
    ['echo '],
    `echo\\s{1,2}["']?[A-Za-z0-9_.-]{1,64}:([^\\s"'|]{4,200})["']?\\s{0,3}\\|\\s{0,3}(?:sudo\\s{1,3})?chpasswd`,
    { valid: isPassword },
  ),
  shape(
    'netrc-password',
    ['login '],
    `login\\s{1,20}\\S{1,100}\\s{1,20}(?:password|passwd)\\s{1,4}["']?([^\\s"']{4,200})`,
    { valid: isPassword },
  ),
  shape(
    'pgpass-password',
    [':5432:', ':5433:', ':5439:', ':6432:', ':26257:', ':*:'],
    '(?<![^\\s"\'`])[A-Za-z0-9_.*-]{1,80}:(?:\\d{2,5}|\\*):[A-Za-z0-9_.*-]{1,64}:[A-Za-z0-9_.@*-]{1,64}:([^\\s"\'`]{4,200})',
    {
      lead: 'A-Za-z0-9_.-',
      back: 80,
      valid: (secret) => !isPlaceholder(secret) && /[^a-z]/i.test(secret),
    },
  ),
  shape('basic-auth', ['basic '], '(?:[Bb]asic|BASIC)\\s{1,4}([A-Za-z0-9+/_-]{8,400}={0,2})(?![A-Za-z0-9+/=])', {
    valid: (secret) => {
      const text = Buffer.from(secret, 'base64').toString('latin1');
      return /^[\x20-\x7e]+$/.test(text) && text.includes(':') && !isPlaceholder(text);
    },
  }),
  shape('bearer-token', ['bearer '], '(?:[Bb]earer|BEARER)\\s{1,4}([A-Za-z0-9_~+/.=-]{12,4096})', {
    likely: (raw, _from, to) => tokenLikely(raw, to, '', 12),
    valid: (secret) => !isPlaceholder(secret) && isRandom(secret, 16),
  }),
  shape(
    'seed-phrase',
    ['mnemonic', 'seed phrase', 'seed_phrase', 'seedphrase', 'recovery phrase', 'seed words', 'secret phrase'],
    '[A-Za-z_ ]{4,24}["\'`]{0,2}\\s{0,4}(?:is|[:=])\\s{0,4}["\'`]?((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})',
  ),
  cookie(),
];

/** Cookies that carry a session, by name; the others of the header stay. */
function cookie(): Rule {
  const header = /cookie["'`]?[ \t]{0,4}[:=,][ \t"'`]{0,6}/iy;
  const pair = /([^\s=;"']{1,80})=([^\s;"'`,]{1,4096})(?:;[ \t]{0,4}|$|(?=["'`\s,]))/y;
  const named = /sess|sid|auth|token|jwt|remember|csrf|xsrf|login|user|cf_clearance|^_?[a-z]{1,4}id$/i;
  return {
    name: 'session-cookie',
    triggers: ['cookie'],
    likely: (raw, _from, to) =>
      raw[to] === 0x3a || raw[to] === 0x22 || raw[to] === 0x5c || raw[to] === 0x27 || raw[to] === 0x3d,
    reach: 1200,
    rank: rank.structure,
    facts: header.source + pair.source + named.source,
    find(view, from) {
      header.lastIndex = from;
      const head = header.exec(view.text);
      // A name within the header of another cookie.
      if (head === null || /;[ \t]{0,2}$/.test(view.text.slice(Math.max(0, from - 3), from))) return nothing;
      const spans: Span[] = [];
      pair.lastIndex = from + head[0].length;
      for (let match = pair.exec(view.text); match !== null; match = pair.exec(view.text)) {
        const value = match[2] as string;
        const start = match.index + (match[1] as string).length + 1;
        if (named.test(match[1] as string) && isRandom(value, 14) && !isPlaceholder(value))
          spans.push({ from: start, to: start + value.length });
      }
      return spans;
    },
  };
}

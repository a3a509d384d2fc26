import { isPlaceholder, isUuid } from '../allow.ts';
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
  return (
    !isPlaceholder(secret) && !/^(?:\d+|[$%@(-].*|[A-Z]?[a-z]+|[A-Z]+)$/.test(secret) && !secret.includes('\u0001')
  );
}

/** Passwords given to programs by short flags; long ones (`--password`) are assignments. */
export const commands: readonly Rule[] = [
  flag('curl', `(?:-u|--user|--proxy-user|-U|-a|--auth)[ =]?["']?[^\\s:"']{1,100}:([^\\s"']{4,200})`),
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
    'vault login,wandb login,doppler login,fly auth token,ngrok authtoken,ngrok config add-authtoken',
    `(?=\\S{0,200}\\d)${quotedOrBare}`,
  ),
  flag('lftp,ncftp,ncftpput,ncftpget', `-[up]\\s{1,2}["']?(?:[^\\s,"']{1,100},)?([^\\s"']{4,200})`),
  flag('snmpwalk,snmpget,snmpset,snmpbulkwalk', `-c\\s{1,2}${quotedOrBare}`),
  flag('sqlplus,impdp,expdp,rman', `["']?[^\\s/"']{1,64}/([^\\s"']{4,128})@`),
  flag('gh secret set', `(?:--body|-b)[ =]${quotedOrBare}`),
  flag('mc alias set', `\\S{1,64}\\s{1,2}\\S{1,200}\\s{1,2}\\S{1,128}\\s{1,2}${quotedOrBare}`),
  shape(
    'command-password',
    ['http -a ', 'https -a ', 'xh -a '],
    `(?:https?|xh) -a ["']?[^\\s:"']{1,100}:([^\\s"']{4,200})`,
    { valid: isPassword },
  ),
  shape(
    'command-password',
    ['convertto-securestring'],
    `[Cc]onvert[Tt]o-[Ss]ecure[Ss]tring\\s{1,2}(?:-String\\s{1,2})?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape('command-password', ['send '], `send (?:-- )?"([^"\\r\\n]{6,100})\\r`, {
    likely: (raw, _from, to) => raw[to] === 0x22 || raw[to] === 0x5c || raw[to] === 0x2d,
    valid: (secret) => isPassword(secret) && /\d/.test(secret),
  }),
  shape(
    'sql-password',
    ['identified '],
    `(?:IDENTIFIED|identified)\\s{1,4}(?:(?:WITH|with)\\s{1,4}\\S{1,40}\\s{1,4})?(?:BY|by|AS|as)\\s{1,4}(?:PASSWORD\\s{1,4})?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape(
    'sql-password',
    ['password for '],
    `(?:PASSWORD FOR|password for)\\s{1,4}\\S{1,80}\\s{0,4}=\\s{0,4}(?:PASSWORD\\()?["']([^"'\\n]{4,200})["']`,
    { valid: isPassword },
  ),
  shape('url-password', ['jdbc:oracle:'], `jdbc:oracle:[a-z0-9]{2,8}:[^\\s/"']{1,64}/([^\\s"']{3,128})@`, {
    valid: isPassword,
  }),
  shape(
    'aws-secret-key',
    ['akia', 'asia'],
    `(?:AKIA|ASIA)[A-Z2-7]{16}["']?[,:\\s|]{1,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'url-signature',
    ['x-amz-signature=', '&signature=', '?signature=', 'x-goog-signature='],
    `[?&A-Za-z-]{0,12}[Ss]ignature=([A-Za-z0-9%+/_~-]{20,700})`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'rails-master-key',
    ['master.key', 'production.key', 'credentials.key'],
    `(?:master|production|credentials)\\.key["']?\\s{1,4}([0-9a-f]{32})(?![0-9a-f])`,
  ),
  shape('fcm-key', [':apa91b'], `(?<![A-Za-z0-9])([A-Za-z0-9_-]{11}:APA91b[A-Za-z0-9_-]{120,180})`, {
    lead: 'A-Za-z0-9_-',
    back: 11,
    rank: rank.token,
  }),
  shape('swarm-token', ['swmtkn-1-'], `(SWMTKN-1-[0-9a-z]{40,60}-[0-9a-z]{20,30})`, { rank: rank.token }),
  shape(
    'session-cookie',
    ['phpsessid=', 'jsessionid=', 'sessionid=', 'session=', 'connect.sid=', 'sid='],
    `(?:[A-Za-z.]{0,9}[Ss][Ee][Ss][Ss](?:[Ii][Oo][Nn])?(?:[Ii][Dd])?|(?:connect\\.)?sid)=([A-Za-z0-9%._+/=-]{20,4096})`,
    {
      valid: (secret) =>
        (!isUuid(secret) &&
          !isPlaceholder(secret) &&
          /\d.{0,40}\d/.test(secret) &&
          !/^[a-z]+(?:[-_.][a-z0-9]+)*$/i.test(secret.slice(0, 200))) ||
        isRandom(secret),
    },
  ),
  shape(
    'prose-password',
    ['creds', 'credentials', 'login:'],
    `(?:creds?|credentials|login)\\s{0,2}[:=]\\s{0,2}["'\`]?[A-Za-z0-9.@+_-]{1,64}["'\`]?\\s{0,2}[/|:]\\s{0,2}["'\`]?([^\\s"',\`/]{6,100})`,
    { valid: (secret) => isPassword(secret) && /\d/.test(secret) && /[A-Za-z]/.test(secret) },
  ),
  foreign(),
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

/** The word for a password in other languages, as UTF-8 read byte by byte. */
function foreign(): Rule {
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  const words = [
    '\u5bc6\u7801',
    '\u5bc6\u78bc',
    '\u30d1\u30b9\u30ef\u30fc\u30c9',
    '\u043f\u0430\u0440\u043e\u043b\u044c',
    '\u041f\u0430\u0440\u043e\u043b\u044c',
    '\ube44\ubc00\ubc88\ud638',
    'senha',
    'wachtwoord',
    'has\u0142o',
  ].map(bytes);
  const operators = ['\uff1a', '\u306f', '\u662f', '\u4e3a', ':', '=', '\u2014', '\u00e9', 'is'].map(bytes);
  return shape(
    'prose-password',
    words,
    `(?:${words.join('|')})\\s{0,4}(?:${operators.join('|')})\\s{0,4}["'\`]?([!#-&(-+\\--;=?-_a-~]{6,100})`,
    {
      valid: (secret) => isPassword(secret) && /\d|[^A-Za-z0-9]/.test(secret) && !/[(){}]/.test(secret),
    },
  );
}

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

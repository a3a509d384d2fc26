import { isUuid } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { bytesLook, commandLook, nearLook } from '../looks.ts';
import { shape } from './fixed.ts';
import { isPassword } from './password.ts';
import type { Rule } from './rule.ts';

/** A password on a command line: quoted, or up to the next space. */
const quotedOrBare = `(?:"([^"\\n]{4,200})"|'([^'\\n]{4,200})'|([^\\s"'|;&<>]{4,200}))`;
/** Arguments in front of the flag that counts. */
const longestAhead = 240;
const ahead = `(?=\\s)[^\\n|]{0,${longestAhead}}?\\s`;

function flag(tools: string, pattern: string): Rule {
  const names = tools.split(',');
  const alternatives = names.map((name) => name.replace(/ /g, '\\s{1,4}')).join('|');
  const sign = /^(?:\(\?:)?-/.test(pattern) ? '-' : undefined;
  return shape('command-password', names, `(?:${alternatives})${ahead}(?:${pattern})`, {
    likely: commandLook(sign),
    far: longestAhead,
    valid: isPassword,
  });
}

/** Passwords given to programs by short flags; long ones (`--password`) are assignments. */
export const commands: readonly Rule[] = [
  flag('curl', `(?:-u|--user|--proxy-user|-U|-a|--auth|--cert|-E)[ =]?["']?[^\\s:"']{1,100}:["']?([^\\s"']{4,200})`),
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
  flag('htpasswd', `-[a-zA-Z]{0,4}nb?[a-zA-Z]{0,4}\\s{1,2}\\S{1,100}\\s{1,2}${quotedOrBare}`),
  flag(
    'htpasswd',
    `-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s{1,2}(?:-\\w{1,4}\\s{1,2}){0,3}\\S{1,200}\\s{1,2}\\S{1,100}\\s{1,2}${quotedOrBare}`,
  ),
  flag('rabbitmqctl', `(?:add_user|change_password)\\s{1,2}\\S{1,100}\\s{1,2}${quotedOrBare}`),
  flag('xfreerdp,wfreerdp,rdesktop', `(?:/p:|-p\\s{1,2})${quotedOrBare}`),
  flag('net use', `\\S{1,200}\\s{1,2}(?:/user:\\S{1,100}\\s{1,2})${quotedOrBare}`),
  flag(
    'vault login,vault operator unseal,snyk auth,wandb login,doppler login,fly auth token,ngrok authtoken,ngrok config add-authtoken',
    `(?=\\S{0,200}\\d)${quotedOrBare}`,
  ),
  flag('lftp,ncftp,ncftpput,ncftpget', `-[up]\\s{1,2}["']?(?:[^\\s,"']{1,100},)?([^\\s"']{4,200})`),
  flag('snmpwalk,snmpget,snmpset,snmpbulkwalk', `-c\\s{1,2}${quotedOrBare}`),
  flag('sqlplus,impdp,expdp,rman', `["']?[^\\s/"']{1,64}/([^\\s"']{4,128})@`),
  flag('snmpwalk,snmpget,snmpset,snmpbulkwalk', `-A\\s{1,2}${quotedOrBare}`),
  flag('snmpwalk,snmpget,snmpset,snmpbulkwalk', `-X\\s{1,2}${quotedOrBare}`),
  flag('psexec,psexec64,paexec', `-p\\s{1,2}${quotedOrBare}`),
  flag('schtasks', `/[rR]?[pP]\\s{1,2}${quotedOrBare}`),
  flag('security', `-w\\s{1,2}${quotedOrBare}`),
  flag('wpa_passphrase', `\\S{1,64}\\s{1,2}${quotedOrBare}`),
  flag('ACL SETUSER', `>([^\\s"'|;&<>]{6,200})`),
  flag('slmgr', `/ipk\\s{1,2}([A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})`),
  flag('ssh-keygen', `-[NP]\\s{1,2}${quotedOrBare}`),
  flag('useradd,usermod', `-p\\s{1,2}${quotedOrBare}`),
  flag('mc alias set,mc config host add', `\\S{1,64}\\s{1,2}\\S{1,200}\\s{1,2}\\S{1,128}\\s{1,2}${quotedOrBare}`),
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
  shape('command-password', ['auth default '], `AUTH default ([^\\s"']{6,200})`, { valid: isPassword }),
  shape('command-password', ['nickserv identify '], `[A-Za-z]{8} [Ii][Dd][Ee][Nn][Tt][Ii][Ff][Yy] ([^\\s"']{6,100})`, {
    valid: isPassword,
  }),
  // What a program that shows a secret printed.
  shape(
    'command-output',
    [
      'get-login-password',
      '-field=password',
      'op read op:',
      'print-access-token',
      'print-identity-token',
      'wg genkey',
      'wg genpsk',
      'pass show ',
      'auth:token',
      'initial-password',
      'openssl rand ',
      'find-generic-password',
      'secrets get ',
      'secrets versions access',
      'get-access-token',
      'pwgen ',
    ],
    `[a-z0-9=: -]{7,24}[^\\n|]{0,160}["']?\\s{0,3}\\n{1,2}([^\\s"'{}]{8,2000})(?=[\\s"]|$)`,
    {
      // The secret is on a line of its own.
      likely: nearLook('\\'),
      valid: (secret) =>
        isUuid(secret) ||
        isRandom(secret, 14) ||
        (isPassword(secret) && /\d/.test(secret) && /[!#$%^&*?_]/.test(secret)),
    },
  ),
  shape('command-password', ['snmp community ', 'snmp-server community '], `[a-z-]{4,11} community ([^\\s"']{6,40})`, {
    valid: (secret) => isPassword(secret) && /\d/.test(secret),
  }),
  shape('command-password', ['send '], `send (?:-- )?"([^"\\r\\n]{6,100})\\r`, {
    likely: bytesLook(...['"', '\\', '-'].map((is) => [{ behind: 0, is }])),
    valid: (secret) => isPassword(secret) && /\d/.test(secret),
  }),
  shape(
    'command-output',
    ['get secret ', 'get secrets '],
    `get secrets? [^\\n]{1,200}base64 (?:-d|-D|--decode)[^\\n]{0,20}\\n{1,2}([^\\s"'{}]{8,400})(?=[\\s"]|$)`,
    { likely: nearLook('\\'), valid: (secret) => isRandom(secret, 14) || isPassword(secret) },
  ),
  shape(
    'command-password',
    ['echo ', 'printf '],
    `(?:echo|printf)\\s{1,2}(?:-n\\s{1,2}|["']?%s(?:\\n)?["']?\\s{1,2})?${quotedOrBare}\\s{0,3}\\|\\s{0,3}(?:sudo\\s{1,3}(?:-\\w{1,4}\\s{1,3}){0,3}-\\w{0,4}S|su\\b|kinit|cryptsetup|[^\\n|]{0,80}?(?:stdin|login|secrets? |--with-token|data-file=-))`,
    { valid: isPassword },
  ),
  shape(
    'command-password',
    ['put-parameter ', 'create-secret ', 'put-secret-value ', 'secret set ', 'secrets create '],
    `[a-z-]{3,20} [^\\n|]{0,200}?--?(?:value|secret-string|body|b)[ =]?${quotedOrBare}`,
    { valid: isPassword, lead: 'a-z', back: 0 },
  ),
  shape(
    'command-password',
    ['echo '],
    `echo\\s{1,2}["']?[A-Za-z0-9_.-]{1,64}:([^\\s"'|]{4,200})["']?\\s{0,3}\\|\\s{0,3}(?:sudo\\s{1,3})?chpasswd`,
    { valid: isPassword },
  ),
];

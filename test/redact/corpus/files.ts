import type { Maker } from './maker.ts';

/** A text that holds secrets of a kind, made anew at each call. */
export interface TextKind {
  readonly kind: string;
  make(m: Maker): { readonly text: string; readonly secrets: readonly string[] };
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

export const files: readonly TextKind[] = [
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
  textKind(
    'jwk-rsa',
    '{"kty":"RSA","kid":"k1","n":"{url64:342}","e":"AQAB","d":"@1","p":"@2","q":"@3"}',
    '{url64:342}',
    '{url64:171}',
    '{url64:171}',
  ),
  textKind('jwk-ec', '{"crv":"P-256","d":"@1","ext":true,"kty":"EC","x":"{url64:43}","y":"{url64:43}"}', '{url64:43}'),
  textKind('jwk-oct', '{"keys":[{"kty":"oct","alg":"HS256","k":"@1"}]}', '{url64:43}'),
  textKind(
    'gcp-adc',
    '{\n  "client_id": "{digit:12}-{small:32}.apps.googleusercontent.com",\n  "client_secret": "@1",\n  "refresh_token": "@2",\n  "type": "authorized_user"\n}',
    'd-{url64:22}',
    '1//{alnum:2}{url64:95}',
  ),
  textKind(
    'gcp-service-account',
    '{"type":"service_account","project_id":"demo","private_key_id":"@1","client_email":"a@demo.iam.gserviceaccount.com"}',
    '{hex:40}',
  ),
  textKind(
    'netrc',
    [
      'machine api.github.com\n  login alice\n  password @1\n',
      'machine api.github.com login alice password @1',
      'default login anon password @1\n',
      'machine git.heroku.com\n\tlogin a@b.io\n\tpassword @1',
    ],
    '{alnum:20}',
  ),
  textKind(
    'npmrc',
    [
      '//registry.npmjs.org/:_authToken=@1\nalways-auth=true',
      'registry=https://npm.acme.io\n//npm.acme.io/:_authToken="@1"',
    ],
    '{hex:40}',
  ),
  textKind(
    'npmrc-auth',
    ['_auth=@1\nemail=a@b.io', '//npm.acme.io/:_auth=@1\n//npm.acme.io/:username=bob'],
    '{base64:40}==',
  ),
  textKind('npmrc-password', '//npm.acme.io/:_password=@1\n//npm.acme.io/:username=ci', '{base64:32}'),
  textKind('yarnrc', 'npmScopes:\n  acme:\n    npmAuthToken: "@1"\n    npmAlwaysAuth: true', '{uuid}'),
  textKind(
    'pypirc',
    '[distutils]\nindex-servers = acme\n[acme]\nrepository = https://pypi.acme.io\nusername = ci\npassword = @1',
    '{human}',
  ),
  textKind('pip-conf', '[global]\nindex-url = https://ci:@1@pypi.acme.io/simple', '{alnum:20}'),
  textKind('docker-config', '{"auths":{"https://index.docker.io/v1/":{"auth":"@1b64"}}}', 'alice:{alnum:20}'),
  textKind(
    'docker-config-identity',
    '{"auths":{"acme.azurecr.io":{"auth":"@1b64","identitytoken":"@2"}}}',
    '00000000-0000-0000-0000-000000000000:{alnum:12}',
    '{url64:200}',
  ),
  textKind(
    'dockerconfigjson',
    'data:\n  .dockerconfigjson: @1b64',
    '{"auths":{"r.acme.io":{"username":"ci","password":"{alnum:20}","auth":"{base64:32}"}}}',
  ),
  textKind(
    'kubeconfig',
    'users:\n- name: admin\n  user:\n    client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1J\n    client-key-data: @1b64',
    `${dashes}BEGIN ${rsa}${dashes}\n{base64:64}\n{base64:64}\n{base64:64}\n{base64:64}\n${dashes}END ${rsa}${dashes}\n`,
  ),
  textKind(
    'kubeconfig-token',
    'users:\n- name: ci\n  user:\n    token: @1',
    'eyJhbGciOiJSUzI1NiIsImtpZCI6Ii{url64:20}.eyJ{url64:200}.{url64:340}',
  ),
  textKind('kubeconfig-password', 'users:\n- name: ops\n  user:\n    username: ops\n    password: @1', '{human}'),
  textKind('k8s-secret-string', 'kind: Secret\nstringData:\n  username: admin\n  password: @1\n', '{human}'),
  textKind(
    'k8s-secret-data',
    'kind: Secret\nmetadata:\n  name: db\ndata:\n  username: YWRtaW4=\n  password: @1b64',
    '{alnum:16}',
  ),
  textKind(
    'aws-credentials',
    '[default]\naws_access_key_id = @1\naws_secret_access_key = @2\n',
    'AKIA{base32:16}',
    '{base64:40}',
  ),
  textKind('aws-csv', 'Access key ID,Secret access key\n@1,@2\n', 'AKIA{base32:16}', '{base64:40}'),
  textKind(
    'aws-json',
    '{"AccessKey":{"UserName":"ci","AccessKeyId":"@1","Status":"Active","SecretAccessKey":"@2"}}',
    'AKIA{base32:16}',
    '{base64:40}',
  ),
  textKind('aws-table', '|  AccessKeyId      |  @1  |\n|  SecretAccessKey  |  @2  |', 'AKIA{base32:16}', '{base64:40}'),
  textKind(
    'aws-configure',
    'AWS Access Key ID [None]: @1\nAWS Secret Access Key [None]: @2\nDefault region name [None]: eu',
    'AKIA{base32:16}',
    '{base64:40}',
  ),
  textKind('gh-hosts', 'github.com:\n    user: alice\n    oauth_token: @1\n    git_protocol: https', 'gho_{alnum:36}'),
  textKind('git-credentials', 'https://alice:@1@github.com\n', '{alnum:24}'),
  textKind('git-remote', 'origin\thttps://oauth2:@1@git.acme.io/a/b.git (fetch)', '{alnum:24}'),
  textKind(
    'git-extraheader',
    '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic @1b64',
    'x-access-token:ghs_{alnum:36}',
  ),
  textKind('maven', '<server><id>nexus</id><username>ci</username><password>@1</password></server>', '{human}'),
  textKind(
    'nuget',
    '<packageSourceCredentials><acme><add key="Username" value="ci" /><add key="ClearTextPassword" value="@1" /></acme></packageSourceCredentials>',
    '{alnum:24}',
  ),
  textKind('gradle', 'signing.keyId=24875D73\nsigning.password=@1\nossrhPassword=@2', '{human}', '{alnum:18}'),
  textKind(
    'composer',
    '{"http-basic":{"repo.acme.io":{"username":"ci","password":"@1"}},"github-oauth":{"github.com":"@2"}}',
    '{alnum:24}',
    '{hex:40}',
  ),
  textKind('cargo', '[registry]\ntoken = "@1"', '{alnum:32}'),
  textKind('gem', '---\n:rubygems_api_key: @1', '{hex:32}'),
  textKind(
    'rclone',
    '[s3]\ntype = s3\naccess_key_id = {alnum:20}\nsecret_access_key = @1\n[drive]\ntoken = {"access_token":"@2","expiry":"x"}',
    '{base64:40}',
    'ya29.{url64:150}',
  ),
  textKind('rclone-pass', '[ftp]\ntype = ftp\nuser = u\npass = @1', '{url64:32}'),
  textKind('s3cfg', '[default]\naccess_key = {alnum:20}\nsecret_key = @1\nuse_https = True', '{alnum:40}'),
  textKind('boto', '[Credentials]\ngs_secret_access_key = @1', '{base64:40}'),
  textKind('my-cnf', '[client]\nuser=root\npassword=@1\nhost=db', '{human}'),
  textKind('pgpass', 'db.acme.io:5432:app:app:@1', '{alnum:16}'),
  textKind('pg-service', '[prod]\nhost=db\nuser=app\npassword=@1', '{human}'),
  textKind(
    'wp-config',
    "define( 'DB_PASSWORD', '@1' );\ndefine( 'AUTH_KEY', '@2' );\ndefine('NONCE_SALT',       '@3');",
    '{human}',
    '{alnum:20}#{alnum:20}|{alnum:20}',
    '{alnum:30}^{alnum:30}',
  ),
  textKind('wifi', 'network={\n  ssid="home"\n  psk="@1"\n}', '{human}'),
  textKind(
    'wireguard',
    '[Interface]\nPrivateKey = @1\nAddress = 10.0.0.2/32\n[Peer]\nPublicKey = {base64:43}=\nPresharedKey = @2',
    '{base64:43}=',
    '{base64:43}=',
  ),
  textKind('ansible', 'ansible_user: root\nansible_become_pass: @1\nansible_ssh_pass: "@2"', '{human}', '{human}'),
  textKind('ansible-inventory', 'web1 ansible_host=10.0.0.4 ansible_user=root ansible_password=@1', '{alnum:14}'),
  textKind(
    'spring',
    'spring.datasource.username=app\nspring.datasource.password=@1\nspring.mail.password=@2',
    '{human}',
    '{alnum:16}',
  ),
  textKind(
    'appsettings',
    '{"ConnectionStrings":{"Default":"Server=tcp:db,1433;Database=a;User Id=sa;Password=@1;Encrypt=true"},"Jwt":{"Key":"@2"}}',
    '{alnum:16}',
    '{alnum:48}',
  ),
  textKind(
    'rails-database',
    'production:\n  adapter: postgresql\n  username: app\n  password: <%= ENV["X"] %>\nstaging:\n  password: @1',
    '{human}',
  ),
  textKind(
    'tfstate',
    '{"type":"aws_db_instance","instances":[{"attributes":{"username":"app","password":"@1","port":5432}}]}',
    '{human}',
  ),
  textKind(
    'tfstate-output',
    '{"outputs":{"db_password":{"value":"@1","type":"string","sensitive":true}}}',
    '{alnum:20}',
  ),
  textKind(
    'terraform-credentials',
    'credentials "app.terraform.io" {\n  token = "@1"\n}',
    '{alnum:14}.atlasv1.{url64:67}',
  ),
  textKind(
    'terraform-provider',
    'provider "aws" {\n  access_key = "{alnum:20}"\n  secret_key = "@1"\n}',
    '{base64:40}',
  ),
  textKind('pulumi', 'config:\n  app:dbPassword: @1', '{alnum:20}'),
  textKind('circle-cli', 'host: https://circleci.com\nendpoint: graphql\ntoken: @1', '{hex:40}'),
  textKind('heroku-auth', 'machine api.heroku.com\n  login a@b.io\n  password @1', '{uuid}'),
  textKind(
    'firebase',
    '{"user":{"email":"a@b.io"},"tokens":{"refresh_token":"@1","access_token":"@2"}}',
    '1//0{url64:95}',
    'ya29.{url64:160}',
  ),
  textKind(
    'azure-tokens',
    '[{"tokenType":"Bearer","accessToken":"@1","refreshToken":"@2"}]',
    'eyJ0eXAiOiJKV1Qi{url64:20}.eyJ{url64:300}.{url64:340}',
    '0.A{url64:400}',
  ),
  textKind(
    'azure-sp',
    '{\n  "appId": "{uuid}",\n  "displayName": "ci",\n  "password": "@1",\n  "tenant": "{uuid}"\n}',
    '{alnum:3}8Q~{alnum:34}',
  ),
  textKind(
    'claude-credentials',
    '{"claudeAiOauth":{"accessToken":"@1","refreshToken":"@2","expiresAt":1763633472000}}',
    'sk-ant-oat01-{url64:86}AA',
    'sk-ant-ort01-{url64:86}AA',
  ),
  textKind(
    'codex-auth',
    '{"OPENAI_API_KEY":null,"tokens":{"id_token":"@1","access_token":"@2","refresh_token":"@3"}}',
    'eyJhbGciOi{url64:60}.eyJ{url64:200}.{url64:342}',
    'eyJhbGciOi{url64:60}.eyJ{url64:300}.{url64:342}',
    'rt_{url64:80}',
  ),
  textKind(
    'mcp-json',
    '{"mcpServers":{"github":{"command":"npx","args":["-y","x","--api-key","@1"],"env":{"GITHUB_PERSONAL_ACCESS_TOKEN":"@2"}}}}',
    '{alnum:32}',
    'ghp_{alnum:36}',
  ),
  textKind(
    'oauth-response',
    '{"access_token":"@1","token_type":"Bearer","expires_in":3600,"refresh_token":"@2","id_token":"@3","scope":"openid"}',
    '{url64:64}',
    '{url64:48}',
    'eyJhbGciOi{url64:30}.eyJ{url64:100}.{url64:86}',
  ),
  textKind(
    'vault-output',
    'Key                  Value\n---                  -----\ntoken                @1\ntoken_accessor       {alnum:24}\n',
    'hvs.{url64:90}',
  ),
  textKind(
    'vault-init',
    'Unseal Key 1: @1\nUnseal Key 2: @2\nInitial Root Token: @3',
    '{base64:44}',
    '{base64:44}',
    'hvs.{alnum:24}',
  ),
  textKind(
    'seed',
    ['mnemonic: "@1"', 'Seed phrase: @1', 'MNEMONIC="@1"'],
    'abandon ability able about above absent absorb abstract absurd abuse access accident',
  ),
  textKind('ssh-config', 'sshpass -p @1 ssh -o StrictHostKeyChecking=no root@10.0.0.4', '{alnum:14}'),
  textKind(
    'filezilla',
    '<Server><Host>ftp.a.io</Host><User>u</User><Pass encoding="base64">@1b64</Pass></Server>',
    '{alnum:14}',
  ),
  textKind('env-b64', 'echo @1b64 | base64 -d > .env', 'DATABASE_PASSWORD={alnum:24}\nAPI_KEY={alnum:32}\nDEBUG=1\n'),
  textKind('cookie-file', '.acme.io\tTRUE\t/\tTRUE\t1799999999\tsession_token\t@1', '{url64:64}'),
  textKind('har', '{"name":"Cookie","value":"sid=@1; theme=dark"}', 's%3A{url64:32}.{alnum:43}'),
  textKind('backup-codes', 'otpauth://totp/GitHub:alice?secret=@1&issuer=GitHub', '{base32:32}'),
  textKind('totp-secret', 'TOTP_SECRET=@1', '{base32:32}'),
  textKind('sops-age', '# created: 2026-11-01\n# public key: age1{small:58}\n@1', 'AGE-SECRET-KEY-1{capital:58}'),
  textKind('luks-restic', 'export RESTIC_PASSWORD=@1\nrestic -r s3:x backup', '{human}'),
  textKind(
    'systemd',
    '[Service]\nEnvironment="DB_PASS=@1" "PORT=3"\nEnvironment=API_TOKEN=@2',
    '{human}',
    '{alnum:32}',
  ),
  textKind(
    'jenkins',
    '<com.x.Credentials><username>ci</username><password>{@1}</password></com.x.Credentials>',
    'AQAAABAAAA{base64:44}=',
  ),
  textKind(
    'prisma',
    'datasource db {\n  provider = "postgresql"\n  url      = "postgresql://app:@1@db:5432/app?schema=public"\n}',
    '{alnum:20}',
  ),
  textKind(
    'sql-user',
    [
      "CREATE USER app WITH PASSWORD '@1';",
      "ALTER ROLE app WITH LOGIN PASSWORD '@1';",
      "CREATE USER 'a'@'%' IDENTIFIED BY '@1';",
      "SET PASSWORD FOR 'a'@'%' = '@1';",
      "ALTER LOGIN sa WITH PASSWORD = N'@1';",
      "GRANT ALL ON *.* TO 'a'@'%' IDENTIFIED BY '@1';",
    ],
    '{human}',
  ),
];

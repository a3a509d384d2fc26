import { type TextKind, textTable } from './text-kind.ts';

/** Headers, second factors, sentences, and what programs print of their settings. */
export const furtherPlaces: readonly TextKind[] = textTable(String.raw`
h-basic-lower ¦ authorization: Basic @1b64 ¦ svc:{alnum:16}
h-proxy ¦ Proxy-Authorization: Basic @1b64 ¦ u:{human}
h-bearer-short ¦ Authorization: Bearer @1 ¦ {alnum:20}
h-token ¦ Authorization: Token token=@1 ¦ {alnum:20}
h-aws ¦ x-amz-security-token: @1 ¦ IQoJb3JpZ2luX2Vj{base64:300}
h-cookie ¦ Cookie: _ga=GA1.2.3; sessionid=@1; x=1 ¦ {small:32}
h-setcookie ¦ Set-Cookie: auth=@1; Path=/; HttpOnly ¦ {url64:50}
h-setcookie2 ¦ set-cookie: __Host-session=@1; Secure ¦ {url64:50}
h-aspnet ¦ Cookie: .AspNetCore.Identity.Application=CfDJ8@1 ¦ {url64:200}
h-connect ¦ cookie: connect.sid=s%3A@1 ¦ {url64:32}.{alnum:43}
h-rails ¦ Cookie: _myapp_session=@1 ¦ {alnum:120}%3D%3D--{hex:40}
h-li ¦ cookie: li_at=@1 ¦ AQED{url64:140}
h-csrf ¦ X-CSRF-Token: @1 ¦ {url64:64}
h-custom ¦ X-Acme-Auth: @1 ¦ {alnum:40}
h-xapi ¦ X-API-KEY: @1 ¦ {uuid}
h-signature ¦ X-Hub-Signature-256: sha256={hex:64}\nX-Gitlab-Token: @1 ¦ {alnum:20}
h-subscription ¦ Ocp-Apim-Subscription-Key: @1 ¦ {hex:32}
h-rapid ¦ x-rapidapi-key: @1 ¦ {hex:10}msh{hex:15}p1{hex:6}jsn{hex:12}
h-cf ¦ X-Auth-Key: @1 ¦ {hex:37}
h-dd ¦ DD-APPLICATION-KEY: @1 ¦ {hex:40}
h-vault ¦ X-Vault-Token: @1 ¦ s.{alnum:24}
h-jenkins ¦ Jenkins-Crumb: @1 ¦ {hex:64}
totp-uri ¦ otpauth://totp/ACME:a@b.io?secret=@1&issuer=ACME&digits=6 ¦ {base32:16}
totp-key ¦ Your 2FA secret key: @1 ¦ {base32:32}
totp-spaces ¦ TOTP secret: @1 ¦ {base32:4} {base32:4} {base32:4} {base32:4}
mfa-seed ¦ mfa_seed: @1 ¦ {base32:32}
recovery ¦ Recovery codes:\n@1\n@2\n@3\n@4 ¦ {hex:5}-{hex:5} § {hex:5}-{hex:5} § {hex:5}-{hex:5} § {hex:5}-{hex:5}
backup-codes ¦ Backup codes\n1. @1\n2. @2\n3. @3 ¦ {digit:4} {digit:4} § {digit:4} {digit:4} § {digit:4} {digit:4}
mnemonic12 ¦ MNEMONIC=@1 ¦ ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic
mnemonic24 ¦ my seed phrase: @1 ¦ void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold
mnemonic-js ¦ const mnemonic = "@1"; ¦ legal winner thank year wave sausage worth useful legal winner thank yellow
mnemonic-flag ¦ cast wallet address --mnemonic "@1" ¦ legal winner thank year wave sausage worth useful legal winner thank yellow
mnemonic-prose ¦ The 12 words are: @1 ¦ legal winner thank year wave sausage worth useful legal winner thank yellow
eth-import ¦ cast wallet import x --private-key 0x@1 ¦ {hex:64}
hardhat ¦ accounts: ["0x@1"] ¦ {hex:64}
foundry ¦ Private Key: 0x@1 ¦ {hex:64}
license ¦ License key: @1 ¦ {capital:5}-{capital:5}-{capital:5}-{capital:5}-{capital:5}
license2 ¦ LICENSE_KEY=@1 ¦ {capital:8}-{capital:8}-{capital:8}
windows-key ¦ slmgr /ipk @1 ¦ {capital:5}-{capital:5}-{capital:5}-{capital:5}-{capital:5}
bitlocker ¦ Recovery Key: @1 ¦ {digit:6}-{digit:6}-{digit:6}-{digit:6}-{digit:6}-{digit:6}-{digit:6}-{digit:6}
prose-pass2 ¦ ok so username is root and password is @1 ¦ {human}
prose-pass3 ¦ Password (temporary): @1 ¦ {human}
prose-pass4 ¦ creds for staging: admin / @1 ¦ {human}
prose-pass5 ¦ log in as bob@acme.io with @1 ¦ {human}
prose-pass6 ¦ pw is @1 btw ¦ {human}
prose-pass7 ¦ the wifi password here is "@1" ¦ {human}
prose-pass8 ¦ admin:@1 works for the dashboard ¦ {alnum:14}
prose-pass9 ¦ Initial password for user admin is: @1 ¦ {human}
prose-pass10 ¦ My API token = @1 ¦ {alnum:32}
prose-key ¦ Here is my OpenAI key @1 ¦ sk-proj-{url64:74}T3BlbkFJ{url64:74}
prose-de ¦ Das Passwort für den Server ist @1 ¦ {human}
prose-fr ¦ Le mot de passe : @1 ¦ {human}
prose-es ¦ La contraseña: @1 ¦ {human}
prose-it ¦ la password è @1 ¦ {human}
prose-pt ¦ a senha é @1 ¦ {human}
prose-nl ¦ het wachtwoord is @1 ¦ {human}
prose-ru ¦ пароль для базы: @1 ¦ {human}
prose-zh ¦ 数据库密码是 @1 ¦ {human}
prose-ja ¦ パスワード：@1 ¦ {human}
prose-ko ¦ 비밀번호는 @1 입니다 ¦ {human}
prose-tr ¦ şifre: @1 ¦ {human}
prose-pl ¦ hasło: @1 ¦ {human}
grafana-prov ¦ secureJsonData:\n  password: @1\n  basicAuthPassword: "@2" ¦ {human} § {human}
prom ¦ basic_auth:\n  username: a\n  password: @1 ¦ {human}
prom-bearer ¦ authorization:\n  credentials: @1 ¦ {alnum:40}
alertmanager ¦ slack_api_url: https://hooks.slack.com/services/T{capital:8}/B{capital:10}/@1 ¦ {alnum:24}
alert-pd ¦ service_key: @1 ¦ {hex:32}
telegraf ¦ token = "@1" ¦ {url64:86}==
fluent ¦ HTTP_Passwd @1 ¦ {human}
logstash ¦ password => "@1" ¦ {human}
filebeat ¦ output.elasticsearch:\n  api_key: "@1" ¦ {url64:20}:{url64:22}
kibana ¦ elasticsearch.password: "@1" ¦ {alnum:20}
es-reset ¦ Password for the [elastic] user successfully reset.\nNew value: @1 ¦ {alnum:20}
es-setup ¦   elastic password: @1 ¦ {alnum:20}
rabbit-conf ¦ default_pass = @1 ¦ {human}
kafka-jaas ¦ KafkaClient {\n  PlainLoginModule required\n  username="a"\n  password="@1";\n}; ¦ {alnum:20}
kafka-conn ¦ sasl.password=@1 ¦ {base64:64}
zookeeper ¦ user_super="@1" ¦ {alnum:16}
tomcat ¦ <user username="admin" password="@1" roles="manager-gui"/> ¦ {human}
jenkins-cred ¦ <secretBytes>{@1}</secretBytes> ¦ AQAAABAAAA{base64:86}==
jenkins-init ¦ Please use the following password to proceed to installation:\n\n@1\n\nThis may also be found ¦ {hex:32}
argocd ¦ {usd} argocd admin initial-password -n argocd\n@1 ¦ {alnum:16}
gitlab-init ¦ Password: @1\n\n# NOTE: This file will be automatically deleted ¦ {base64:43}=
grafana-ini ¦ admin_password = @1 ¦ {human}
nextcloud ¦ 'dbpassword' => '@1', ¦ {human}
nextcloud2 ¦ 'secret' => '@1', ¦ {base64:48}
joomla ¦ public {usd}password = '@1'; ¦ {human}
drupal ¦ 'password' => '@1', ¦ {human}
drupal-salt ¦ {usd}settings['hash_salt'] = '@1'; ¦ {url64:74}
magento ¦ 'crypt' => [\n 'key' => '@1'\n] ¦ {hex:32}
phpmyadmin ¦ {usd}cfg['blowfish_secret'] = '@1'; ¦ {alnum:32}
squid ¦ http_port 3128\ncache_peer p parent 8080 0 login=u:@1 ¦ {alnum:12}
nginx-auth ¦ proxy_set_header Authorization "Basic @1b64"; ¦ u:{alnum:16}
postfix ¦ [smtp.x.io]:587 user@x.io:@1 ¦ {alnum:16}
msmtp ¦ password @1 ¦ {human}
fetchmail ¦ poll h proto imap user "a" password "@1" ¦ {human}
mutt ¦ set imap_pass = '@1' ¦ {human}
irssi ¦ /msg NickServ IDENTIFY @1 ¦ {human}
mcp-args ¦ "args": ["-y", "@acme/mcp", "--access-token", "@1"] ¦ {alnum:40}
mcp-hdr ¦ "headers": {"Authorization": "Bearer @1"} ¦ {alnum:40}
mcp-env ¦ "env": {"ACME_API_KEY": "@1"} ¦ {alnum:32}
docker-inspect ¦ "MYSQL_PASSWORD=@1", ¦ {human}
ps-aux ¦ root 1 0.0 0.1 /usr/bin/app --db-password=@1 --port 1 ¦ {human}
ps-aux2 ¦ postgres: app: conninfo host=db user=a password=@1 dbname=x ¦ {human}
phpinfo ¦ DB_PASSWORD => @1 ¦ {human}
trace-locals ¦     password = '@1'\n    user = 'a' ¦ {human}
pytest ¦ E   AssertionError: assert 'x' == '@1'  # api_key ¦ {alnum:32}
node-inspect ¦ { user: 'a', password: '@1' } ¦ {human}
go-struct ¦ {User:a Password:@1 Host:db} ¦ {alnum:16}
java-tostring ¦ DataSource[url=x, username=a, password=@1] ¦ {human}
rust-debug ¦ Settings { db_password: "@1", port: 1 } ¦ {human}
ruby-inspect ¦ #<Conn user="a" password="@1"> ¦ {human}
perl-dumper ¦ 'password' => '@1' ¦ {human}
lua ¦ password = '@1' ¦ {human}
csv-creds ¦ username,password\nalice,@1\nbob,@2 ¦ {human} § {human}
tsv-creds ¦ user\tpassword\nalice\t@1 ¦ {human}
md-table-creds ¦ | user | password |\n|---|---|\n| admin | @1 | ¦ {human}
sql-insert ¦ INSERT INTO users (id, email, password) VALUES (1, 'a@b.io', '@1'); ¦ {human}
sql-update ¦ UPDATE users SET password = '@1' WHERE id = 1; ¦ {human}
sql-where ¦ SELECT * FROM users WHERE api_token = '@1'; ¦ {alnum:40}
sql-create ¦ CREATE ROLE app LOGIN PASSWORD '@1'; ¦ {human}
sql-server ¦ CREATE LOGIN app WITH PASSWORD = '@1'; ¦ {human}
sql-fdw ¦ OPTIONS (user 'a', password '@1'); ¦ {human}
sql-s3 ¦ CREATE SECRET (TYPE S3, KEY_ID 'AKIA{base32:16}', SECRET '@1'); ¦ {base64:40}
sql-redshift ¦ CREDENTIALS 'aws_access_key_id=AKIA{base32:16};aws_secret_access_key=@1' ¦ {base64:40}
sql-stage ¦ CREDENTIALS=(AWS_KEY_ID='AKIA{base32:16}' AWS_SECRET_KEY='@1') ¦ {base64:40}
mongo-user ¦ db.createUser({ user: "a", pwd: "@1", roles: [] }) ¦ {human}
gql-vars ¦ {"input":{"username":"a","password":"@1"}} ¦ {human}
yaml-anchor ¦ x-secrets: &s\n  api_key: &k "@1" ¦ {alnum:32}
toml-inline ¦ auth = { user = "a", token = "@1" } ¦ {alnum:32}
nix ¦ password = "@1"; ¦ {human}
hcl-heredoc ¦ api_key = <<EOT\n@1\nEOT ¦ {alnum:40}
env-multi ¦ API_KEY="@1" SECRET="@2" node x ¦ {alnum:32} § {alnum:32}
env-comment ¦ # API_KEY=@1 ¦ {alnum:32}
env-spaces ¦ API_KEY = @1 ¦ {alnum:32}
bash-array ¦ declare -A S=([token]="@1") ¦ {alnum:32}
bash-default ¦ TOKEN="{usd}{TOKEN:-@1}" ¦ {alnum:32}
bash-if ¦ if [ "{usd}TOKEN" = "@1" ]; then ¦ {alnum:32}
js-if ¦ if (apiKey !== "@1") throw 1 ¦ {alnum:32}
js-default ¦ function f(apiKey = "@1") {} ¦ {alnum:32}
js-obj-short ¦ new Stripe("@1") ¦ sk_live_{alnum:24}
py-default ¦ def f(api_key="@1"): pass ¦ {alnum:32}
py-argparse ¦ parser.add_argument("--api-key", default="@1") ¦ {alnum:32}
click ¦ @click.option("--token", default="@1") ¦ {alnum:32}
go-flag ¦ flag.String("token", "@1", "the token") ¦ {alnum:32}
swagger ¦ "apiKey": {"type": "string", "example": "@1"} ¦ {alnum:32}
ts-assert ¦ expect(token).toBe("@1") ¦ {alnum:40}
js-template ¦ {tick}Bearer @1{tick} ¦ {alnum:40}
js-concat ¦ "Bearer " + "@1" ¦ {alnum:40}
axios ¦ axios.defaults.headers.common["Authorization"] = "Bearer @1" ¦ {alnum:40}
fetch-h ¦ headers: { "X-Api-Key": "@1" } ¦ {alnum:32}
rest-client ¦ @token = @1\nGET x ¦ {alnum:40}
har2 ¦ {"name":"cookie","value":"session=@1"} ¦ {url64:43}
localstorage ¦ localStorage.setItem("token", "@1") ¦ {alnum:40}
cookie-js ¦ document.cookie = "session=@1; path=/" ¦ {url64:43}
redis-get ¦ GET session:abc\n"{\\"token\\":\\"@1\\"}" ¦ {alnum:40}
jwt-decode ¦ jwt decode @1 ¦ eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{url64:90}.{url64:43}
jwt-wrapped ¦ eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ@1\n.{url64:43} ¦ {url64:90}
b64-env ¦ @1b64 ¦ AWS_SECRET_ACCESS_KEY={base64:40}\nDB_PASSWORD=hunter22x\nPORT=1
b64-json ¦ "payload":"@1b64" ¦ {"user":"a","password":"{alnum:20}","x":"aaaaaaaaaaaaaaaaa"}
hexdump-no ¦ x-secret: @1 ¦ {hex:40}
`);

/** Further text that looks like secrets and holds none, a template a line. */
export const lookAlikes = String.raw`
"node_modules/foo": {\n  "version": "1.2.3",\n  "resolved": "https://registry.npmjs.org/foo/-/foo-1.2.3.tgz",\n  "integrity": "sha512-{base64:86}==",\n  "license": "MIT"\n}
foo@^1.2.3:\n  version "1.2.3"\n  resolved "https://registry.yarnpkg.com/foo/-/foo-1.2.3.tgz#{hex:40}"\n  integrity sha512-{base64:86}==
  '@babel/core@7.1.2':\n    resolution: {integrity: sha512-{base64:86}==}\n    engines: {node: '>=6.9.0'}
[[package]]\nname = "serde"\nversion = "1.0.1"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{hex:64}"
golang.org/x/crypto v0.17.0 h1:{base64:43}=\ngolang.org/x/crypto v0.17.0/go.mod h1:{base64:43}=
"content-hash": "{hex:32}",\n"packages": [ { "name": "a/b", "dist": { "reference": "{hex:40}", "shasum": "{hex:40}" } } ]
requests==2.31.0 \\\n    --hash=sha256:{hex:64} \\\n    --hash=sha256:{hex:64}
"_resolved": { "sha256": "{hex:64}" }, "rev": "{hex:40}", "narHash": "sha256-{base64:43}="
  sha256 = "sha256-{base64:43}=";
sha256 "{hex:64}"\n  url "https://github.com/a/b/archive/v1.tar.gz"
"flake.lock": {"lastModified": 1700000000, "narHash": "sha256-{base64:43}=", "owner": "NixOS"}
provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.0.0"\n  hashes = [\n    "h1:{base64:43}=",\n    "zh:{hex:64}",\n  ]
commit {hex:40} (HEAD -> main, tag: v1.2.3)\nMerge: {hex:7} {hex:7}\nAuthor: Bob <b@acme.io>\n\n    Rotate key (#123)
{hex:9} (Bob 2026-11-20 10:11:12 +0000 12) const token = lexer.next();
On branch token-refresh-2\nYour branch is up to date with 'origin/token-refresh-2'.
diff --git a/src/token.ts b/src/token.ts\nindex {hex:7}..{hex:7} 100644
stash@{0}: WIP on main: {hex:7} secret scanning v2
gpg: using RSA key {hexu:40}
gpg: key {hexu:16}: public key "Bob <b@acme.io>" imported
pub   rsa4096 2024-01-01 [SC]\n      {hexu:40}
Primary key fingerprint: {hexu:4} {hexu:4} {hexu:4} {hexu:4} {hexu:4}  {hexu:4} {hexu:4} {hexu:4} {hexu:4} {hexu:4}
{dashes}BEGIN PGP PUBLIC KEY BLOCK{dashes}\n\n{base64:64}\n{base64:64}\n=abcd\n{dashes}END PGP PUBLIC KEY BLOCK{dashes}
{dashes}BEGIN CERTIFICATE REQUEST{dashes}\n{base64:64}\n{base64:64}\n{dashes}END CERTIFICATE REQUEST{dashes}
{dashes}BEGIN RSA PUBLIC KEY{dashes}\n{base64:64}\n{base64:64}\n{dashes}END RSA PUBLIC KEY{dashes}
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{base64:43} bob@host
Host key fingerprint is SHA256:{base64:43}
ED25519 key fingerprint is SHA256:{base64:43}.
The key's randomart image is:\n+--[ED25519 256]--+\n|     .o+*=.      |\n+----[SHA256]{dashes}+
{uuid} started; trace {hex:32}
requestId: '{uuid}', extendedRequestId: '{base64:76}'
x-amzn-trace-id: Root=1-{hex:8}-{hex:24};Parent={hex:16};Sampled=1
x-amz-cf-id: {url64:54}==
cf-ray: {hex:16}-FRA
"sub": "auth0|{hex:24}", "aud": "{alnum:32}"
{"kid":"{hex:40}","alg":"RS256"}
"jti": "{uuid}", "iat": 1763633472
sessionId: {uuid}, requestId: {alnum:22}
"conversation_id": "{uuid}", "parent_message_id": "{uuid}"
"thread_id":"thread_{alnum:24}","run_id":"run_{alnum:24}","assistant_id":"asst_{alnum:24}"
"id": "gen-{digit:10}-{alnum:20}"
"system_fingerprint":"fp_{hex:10}"
toolu_vrtx_01{alnum:22}
"client_id": "Iv1.{hex:16}"
clientId: "{alnum:20}"
GOOGLE_CLIENT_ID={digit:12}-{small:32}.apps.googleusercontent.com
AUTH0_CLIENT_ID={alnum:32}
COGNITO_USER_POOL_ID=eu-west-1_{alnum:9}
COGNITO_CLIENT_ID={small:26}
AZURE_TENANT_ID={uuid}\nAZURE_CLIENT_ID={uuid}\nAZURE_SUBSCRIPTION_ID={uuid}
STRIPE_PUBLISHABLE_KEY=pk_test_51{alnum:97}
VITE_SENTRY_RELEASE={hex:40}
VAPID_PUBLIC_KEY=B{url64:86}
SSH_PUBLIC_KEY="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{base64:300}"
PUBLIC_KEY={base64:43}=
RECAPTCHA_SITE_KEY=6L{url64:38}
SUPABASE_PUBLISHABLE_KEY=sb_publishable_{url64:31}
GIT_COMMIT={hex:40}\nBUILD_ID={digit:8}
IMAGE_TAG={hex:40}
CACHE_KEY={hex:64}
CACHE_KEY=v1-deps-{hex:40}
cache-hit: true\nkey: node-cache-Linux-x64-npm-{hex:64}
restore-keys: |\n  Linux-build-{hex:64}
primary_key = {uuid}
partition_key: "user#{digit:10}"
"PartitionKey": "{uuid}", "SortKey": "meta#{digit:8}"
"key": "{uuid}", "label": "Row 2"
object key: uploads/2026/{uuid}.png
s3://bucket/{hex:40}/file.tar.gz
Key: artifacts/{hex:64}.zip
registry key HKEY_LOCAL_MACHINE\\SOFTWARE\\Foo2
redis> GET user:{digit:6}:profile2
hset key field value123
"idempotencyKey": "{uuid}"
Idempotency-Key: {uuid}
dedupe_key={hex:32}
nextToken: {alnum:20}
"NextToken": "{base64:200}="
next_page_token=CAUQ{alnum:12}
"pageToken": "{base64:60}"
continuationToken={base64:80}
--starting-token eyJOZXh0VG9rZW4iOiBudWxsfQ==
cursor: "{base64:40}="
token_count: 12345, total_tokens=54321
{"usage":{"input_tokens":1234,"output_tokens":567,"cache_creation_input_tokens":8901}}
tokens/sec: 123.45
max_tokens=16384, stop_token=50256
tokenizer.json sha {hex:64}
pad_token_id=50256 eos_token='<|endoftext|>'
token <0x0A> id 13
"token_type": "Bearer", "expires_in": 3600
TokenKind::Identifier2 => parse_ident()
const tokenRegex2 = /^[a-z0-9]{32}{usd}/;
if (token === 'identifier2') return;
expect(tokenType).toBe("access_token2");
password: z.string().min(12).max(128)
password = Field(min_length=12, max_length=64)
password: { type: String, required: true, minlength: 8 }
passwordHash: "{usd}2b{usd}12{usd}abcdefghijklmnopqrstuv"
const { password, ...rest } = user2;
user.setPassword(dto.password2);
@IsString() @MinLength(8) password!: string;
password_confirmation = params[:password_confirmation2]
form.password.errors["minlength8"]
<input type="password" id="password2" name="password" placeholder="At least 8 characters">
<label for="password1">Password</label>
t("auth.password.reset2")
error.password.too_short_8
"password": "Must be at least 8 characters long",
"forgotPassword": "Forgot your password?",
password_reset_expires_at TIMESTAMP
ALTER TABLE users ADD COLUMN api_token varchar(64) DEFAULT NULL;
CREATE INDEX idx_sessions_token2 ON sessions (token);
INSERT INTO migrations (name, token) VALUES ('0001_init', NULL);
INSERT INTO users (id, name, role) VALUES (1, 'alice', 'admin2'), (2, 'bob', 'user2');
INSERT INTO tokens_usage (model, tokens) VALUES ('gpt-4o', '12345');
SELECT id FROM users WHERE api_token = {usd}1 AND password = ?
UPDATE settings SET value='Europe/Berlin' WHERE name='timezone';
id,email,password_hash\n1,a@b.io,{usd}2b{usd}12{usd}abc
name,token_count,secret_name\nfoo,12,app-secret-1
user,last_login,tokens\nalice,2026-11-20,1234
| Variable | Description |\n|---|---|\n| API_KEY | Your key from the dashboard, 32 characters |
| field | type | secret |\n|---|---|---|\n| name | string | no2 |
| token | meaning |\n|---|---|\n| SEMI2 | a semicolon |
API_KEY: process.env.API_KEY2
api_key: str = Depends(get_api_key2)
apiKey: config.get<string>('API_KEY_V2')
apiKey: {usd}API_KEY
api_key = "{usd}{API_KEY}"
api_key: "{{ lookup('env', 'API_KEY2') }}"
secret: {{ .Values.auth.secret2 | b64enc | quote }}
password: {{ vault_db_password_2 }}
password: !vault |\n  {usd}ANSIBLE_VAULT;1.1;AES256\n  {hex:80}\n  {hex:80}
kubernetes.io/service-account.name: builder2
secretKeyRef: { name: app-secret-v2, key: api-key-2 }
existingSecret: postgres-credentials-2024
imagePullSecrets:\n  - name: regcred-2
kubectl get secret app-tls-2024 -o yaml
kubectl create secret generic x --from-file=key2.pem
volumeMounts:\n  - name: secret-volume2\n    mountPath: /etc/secret2
token: {usd}{{ secrets.GITHUB_TOKEN }}
env:\n  NPM_TOKEN: {usd}{{ secrets.NPM_TOKEN_2 }}
TOKEN: >-\n  {usd}{{ secrets.X2 }}
args:\n  - --token-file\n  - /var/run/secrets/token2
args: ["--api-key-file", "/etc/key2.txt"]
--token-ttl 3600s --key-size 4096
--password-file /run/secrets/pw2
--secret-name my-app-secret-2024
--key-name deploy-key-2024
curl -H "Authorization: Bearer {usd}(gcloud auth print-access-token)" https://x.io
curl -u "{usd}USER:{usd}TOKEN2" https://x.io
curl -u user: https://x.io
docker login -u user --password-stdin < token2.txt
mysql -u root -p app2 < dump.sql
psql -U postgres -h localhost -p 5432 app2
ssh -p 2222 deploy@host2
ssh-keygen -t ed25519 -f key2 -N ""
openssl req -x509 -newkey rsa:4096 -keyout key2.pem -out cert.pem -days 365 -nodes
openssl rand -hex 32
openssl dgst -sha256 file\nSHA256(file)= {hex:64}
md5sum f\n{hex:32}  f
sha256sum *.gz\n{hex:64}  a.gz
git rev-parse HEAD\n{hex:40}
docker ps\nCONTAINER ID\n{hex:12}
docker images --digests\napp  v2  sha256:{hex:64}
kubectl get pods\napi-{small:10}-{small:5}  1/1
npm audit fix\n+ tokenize@2.0.1
Successfully tagged app:{hex:12}
eyJ is the prefix of a base64url JSON
data:image/svg+xml;base64,PHN2ZyB4bWxucz0i{base64:200}
"image_url": "https://cdn.x.io/{hex:32}.png?width=200"
https://avatars.githubusercontent.com/u/{digit:8}?v=4
https://x.io/assets/app-{hex:20}.js?v={hex:8}
https://docs.google.com/document/d/{url64:44}/edit
https://www.youtube.com/watch?v={url64:11}
https://figma.com/file/{alnum:22}/Design?node-id=1-2
https://github.com/a/b/actions/runs/{digit:11}
https://example.com/callback?code=abc&state=xyz
https://x.io/search?code=python&key=name2
https://x.io/products?key=size2&token_type=x
https://x.io/hooks/useAuthToken2
https://reactjs.org/docs/hooks/use-callback.html
https://vercel.com/acme/app/{alnum:28}
postgres://localhost:5432/app2
postgresql://user:password@localhost/app2
redis://redis:6379/2
mongodb://localhost:27017/test2
amqp://guest:guest@localhost:5672/
http://localhost:8080/auth2
jdbc:postgresql://localhost:5432/app2
Server=localhost;Database=app2;Trusted_Connection=True;
"username": "alice2", "role": "admin"
login as alice with the same browser2
log in as admin with read-only access
credentials: include
auth: oauth2
Authentication: Bearer token required (RFC6750)
WWW-Authenticate: Bearer realm="api2", error="invalid_token"
Set-Cookie: lang=en-US2; Path=/; Max-Age=31536000
Cookie: theme=dark2; consent=1; _ga=GA1.2.{digit:9}.{digit:10}
cookie: { maxAge: 60000, httpOnly: true, name: 'sid2' }
session cookie: SameSite=Lax2
csrfToken: req.csrfToken2()
the 12 words are separated by spaces and each of them has to be spelled right here
mnemonic: "word list of BIP39"
seed: 42
RANDOM_SEED=1234567890
torch.manual_seed(1234)
wallet address: 0x{hex:40}
0x{hex:40} sent 1.5 ETH, tx 0x{hex:64}
blockHash: 0x{hex:64}
bc1q{bech:38}
"publicKey": "{base58:44}"
recovery codes can be downloaded from the settings page (10 codes)
Backup codes: 8 remaining of 10
license key required: see docs v2
License: Apache-2.0
LICENSE_HASH={hex:40}
public void setToken(String token2) { this.token = token2; }
private readonly token2: string;
fn token(&self) -> &Token2 { &self.token }
func (t *Token2) String() string { return t.raw }
pub key: Vec<u8>,
let key = format!("user:{}:v2", id);
key := fmt.Sprintf("cache:%s:v2", id)
const key = 'user.profile.settings.v2';
const storageKey = "app.settings.v2.dark-mode";
localStorage.getItem("auth-token-v2")
localStorage.setItem("theme-key", "dark-mode-2")
queryKey: ['users2', { page: 1 }]
i18nKey="auth.login.title2"
key={'row-' + index2}
accessKey="s2"
sortKey: 'created_at_2'
keyExtractor={(item2) => item2.id}
hotkey: "ctrl+shift+f5"
API_KEY_PREFIX = "ak_v2_"
TOKEN_PREFIX=tok_2
SECRET_LENGTH = 32
tokens = [Token(NAME, 'x1'), Token(OP, '=')]
assert_eq!(token, Token::Ident("foo123"));
logger.info("token expires in %d seconds", 3600)
raise ValueError("API key must be 32 hex characters")
throw new Error('Invalid API key: expected sk-... (51 chars)');
# Generate with: openssl rand -base64 32
# e.g. sk-ant-api03-...
export ANTHROPIC_API_KEY="your-key-here-123"
OPENAI_API_KEY=sk-your-openai-key-here-0000
api_key="YOUR_API_KEY_HERE_123"
apiKey: "<insert key 2 here>"
API_KEY=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
TOKEN=0000000000000000000000000000000000000000
SECRET=dummy-secret-value-1
password: "example-password-1"
password=changeme123
password = 'placeholder123'
aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
ghp_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
xoxb-000000000000-000000000000-xxxxxxxxxxxxxxxxxxxxxxxx
https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
{"type":"thinking","thinking":"x","signature":"Eu{base64:300}=="}
{"encrypted_content":"gAAAAAB{url64:400}=="}
[0.{digit:6}, -0.{digit:6}, 0.{digit:6}]
@font-face { src: url(data:font/woff2;base64,d09GMgABAAAAA{base64:300}) }
.token.punctuation { color: #999a2b }
.hljs-keyword{font-weight:700}.token2{margin:0}
!function(e,t){"use strict";var n=e.key2,r=t.token2;return n?r(n):null}(a,b);
var a={key:"k1",token:"t2",pass:function(e){return e.p2}};
class="token_abc12 key_{alnum:5}"
webpackChunk_{hex:8}.push([[{digit:3}],{}])
AAAA,CAAC,SAASA,GAAGC;{alnum:60}
{esc}[32m✓{esc}[39m auth › token2 › refreshes (12 ms)
{digit:10}.{digit:6}
build {small:8} passed in 12.3s
12 passing (345ms) password2.spec.ts
  ✓ returns 401 for token "expired2"
{uuid},{uuid},active
ORD-{digit:8}-{capital:6}
SKU: {capital:10}
Tracking: 1Z{capital:16}
VIN {capital:17}
IBAN DE{digit:20}
ISBN 978-{digit:10}
{capital:4}-{digit:4} issue key PROJ-{digit:4}
"key": "PROJ-{digit:4}", "fields": {}
phone: +49 {digit:10}
{small:7}.{small:12}.vercel.app
{small:13}.execute-api.eu-west-1.amazonaws.com
db-{small:12}.cluster-{small:12}.eu-west-1.rds.amazonaws.com
arn:aws:iam::{digit:12}:role/token-service-2
projects/acme-prod/locations/eu/keyRings/r2/cryptoKeys/k2
/etc/ssl/private/server-key-2024.pem
/home/dev/.ssh/id_ed25519_work2
C:\\Users\\bob\\AppData\\Roaming\\token2.json
node_modules/.pnpm/jsonwebtoken@9.0.2/node_modules/jsonwebtoken/verify.js
at verifyToken2 (/srv/app/src/auth.ts:12:34)
Password authentication is disabled (code 1045)
Access denied for user 'root2'@'localhost' (using password: YES)
password authentication failed for user "app_user_2"
sudo: a password is required (3 attempts)
secrets: inherit
secret scanning found 0 secrets in 1234 files
The secret to 10x productivity
pass 2 of 3: optimizing
passed: 123, failed: 4
bypass2 the cache
compass v1.2.3
author: Alice2
authored 2026-11-20
monkey2 keyboard1 hockey3 turkey4
public_key_algorithm: rsaEncryption2048
keyUsage = digitalSignature, keyEncipherment
key-exchange: curve25519-sha256
HostKeyAlgorithms +ssh-rsa
serverAliveInterval 60
mac: {hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}
salt: 16 bytes, iterations: 100000
signature: Buffer.from(sig2, 'hex')
const sig = await sign2(payload);
signal: AbortSignal.timeout(5000)
SIGTERM 15
significant2
"sign_in_count": 12
cred := credentials2.NewStatic(id, secret, "")
secret := os.Getenv("SECRET2")
salted_hash = hash2(salt + pw)
jwt.verify(token2, publicKey, { algorithms: ['RS256'] })
jwt = require('jsonwebtoken2')
psk_identity_hint = hint2
`;

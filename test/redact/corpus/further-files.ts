import { type TextKind, textTable } from './text-kind.ts';

/** Files of settings and credentials that fewer programs have. */
export const furtherFiles: readonly TextKind[] = textTable(String.raw`
netrc-macdef ¦ machine ftp.acme.io\nlogin bob\npassword @1\nmacdef init ¦ {alnum:12}
netrc-oneline2 ¦ machine h login u password "@1" ¦ {human}
pgpass-win ¦ localhost:*:*:postgres:@1 ¦ {human}
pgpass-port ¦ db.prod.internal:6543:analytics:ro_user:@1 ¦ {alnum:12}
my.cnf ¦ [mysqldump]\nuser = backup\npassword = "@1" ¦ {human}
wpa ¦ network={\n\tssid="x"\n\t#psk="@1"\n\tpsk=@2\n} ¦ {human} § {hex:64}
nm ¦ [wifi-security]\nkey-mgmt=wpa-psk\npsk=@1 ¦ {human}
ovpn-auth ¦ auth-user-pass\nuser1\n@1 ¦ {alnum:14}
wg-show ¦   private key: @1 ¦ {base64:43}=
wg-psk ¦ [Peer]\nPublicKey = {base64:43}=\nPresharedKey=@1\nAllowedIPs = 0.0.0.0/0 ¦ {base64:43}=
openvpn-static ¦ {dashes}BEGIN OpenVPN Static key V1{dashes}\n@1\n@2\n{dashes}END OpenVPN Static key V1{dashes} ¦ {hex:32} § {hex:32}
tfstate2 ¦ "attributes":{"id":"x","master_password":"@1","arn":"a"} ¦ {alnum:16}
tfstate-key ¦ "private_key_pem": "{dashes}BEGIN RSA PRIVATE KEY{dashes}\\n@1\\n@2\\n{dashes}END RSA PRIVATE KEY{dashes}\\n" ¦ {base64:64} § {base64:64}
gradle-props ¦ systemProp.sonar.login=@1\nsigning.secretKeyRingFile=x\nmavenCentralPassword=@2 ¦ {hex:40} § {alnum:40}
maven-proxy ¦ <proxy><username>u</username><password>@1</password></proxy> ¦ {human}
maven-master ¦ <settingsSecurity><master>{@1}</master></settingsSecurity> ¦ {base64:43}=
maven-passphrase ¦ <gpg.passphrase>@1</gpg.passphrase> ¦ {human}
sbt ¦ credentials += Credentials("Nexus", "nexus.acme.io", "ci", "@1") ¦ {alnum:16}
ivy ¦ realm=Sonatype\nhost=oss\nuser=ci\npassword=@1 ¦ {alnum:16}
poetry-auth ¦ [http-basic.acme]\nusername = "ci"\npassword = "@1" ¦ {alnum:20}
pip-extra ¦ --extra-index-url https://__token__:@1@pypi.acme.io/simple ¦ {alnum:32}
uv ¦ UV_INDEX_ACME_PASSWORD=@1 ¦ {alnum:20}
conda ¦ channels:\n  - https://conda.anaconda.org/t/@1/acme ¦ ac-{uuid}
bundle ¦ BUNDLE_GEMS__ACME__IO: "ci:@1" ¦ {alnum:20}
gem-cred ¦ :rubygems_api_key: @1 ¦ {hex:48}
hex ¦ {api_key: "@1"} ¦ {hex:32}
nuget2 ¦ <add key="ClearTextPassword" value="@1" /> ¦ {human}
nuget3 ¦ <add key="Password" value="@1" /> ¦ {base64:88}
docker-auth2 ¦ {"auths":{"ghcr.io":{"auth":"@1b64"}},"credsStore":"x"} ¦ user:ghp_{alnum:36}
docker-secret ¦ {"username":"AWS","password":"@1","serveraddress":"x"} ¦ eyJwYXlsb2FkIjoi{base64:200}
compose-secret ¦     environment:\n      - MYSQL_ROOT_PASSWORD=@1\n      - MYSQL_USER=a ¦ {human}
compose-cmd ¦ command: redis-server --requirepass @1 --appendonly yes ¦ {alnum:20}
helm-values ¦ postgresql:\n  auth:\n    postgresPassword: @1\n    replicationPassword: "@2" ¦ {alnum:12} § {human}
k8s-args ¦ args: ["--db-password=@1"] ¦ {human}
k8s-describe ¦     Environment:\n      DB_PASSWORD:   @1\n      PORT:  80 ¦ {human}
k8s-getsecret ¦ {usd} kubectl get secret x -o jsonpath={.data.password} | base64 -d\n@1 ¦ {alnum:20}
k8s-yaml-data2 ¦ data:\n  DB_PASS: @1b64\nkind: Secret ¦ {human}
k8s-sa ¦ token: @1 ¦ eyJhbGciOiJSUzI1NiIsImtpZCI6Il{url64:30}.eyJ{url64:300}.{url64:342}
ansible-vars ¦ db_password: "@1"\nvault_api_key: '@2' ¦ {human} § {alnum:32}
ansible-inv2 ¦ [web]\nh1 ansible_user=root ansible_ssh_pass=@1 ansible_port=22 ¦ {human}
ansible-become ¦ ansible_become_password="@1" ¦ {human}
vagrant ¦ config.ssh.password = "@1" ¦ {human}
packer ¦ ssh_password = "@1" ¦ {human}
chef ¦ password "@1" ¦ {human}
puppet ¦ password => '@1', ¦ {human}
salt ¦ mysql.pass: '@1' ¦ {human}
rclone-enc ¦ pass = @1\npass2 = @2 ¦ {url64:40} § {url64:36}
restic ¦ RESTIC_PASSWORD="@1" restic snapshots ¦ {human}
borg ¦ export BORG_PASSPHRASE='@1' ¦ {human}
duplicity ¦ PASSPHRASE=@1 duplicity /a b ¦ {human}
s3cmd ¦ secret_key = @1 ¦ {base64:40}
aws-cfg2 ¦ aws_session_token=@1 ¦ IQoJb3JpZ2luX2Vj{base64:400}
aws-sso-cache ¦ {"startUrl":"https://x.awsapps.com/start","region":"eu","accessToken":"@1","expiresAt":"2026"} ¦ {url64:300}
aws-env ¦ export AWS_ACCESS_KEY_ID="@1" AWS_SECRET_ACCESS_KEY="@2" ¦ ASIA{base32:16} § {base64:40}
aws-imds ¦ {"Code":"Success","AccessKeyId":"@1","SecretAccessKey":"@2","Token":"@3","Expiration":"x"} ¦ ASIA{base32:16} § {base64:40} § IQoJb3JpZ2luX2Vj{base64:500}
aws-sm ¦ {"SecretString":"{\\"username\\":\\"a\\",\\"password\\":\\"@1\\"}"} ¦ {alnum:20}
aws-sm-plain ¦ "SecretString": "@1" ¦ {alnum:32}
aws-create-login ¦ aws iam create-login-profile --user-name a --password @1 ¦ {human}
aws-rds ¦ aws rds create-db-instance --master-username a --master-user-password @1 ¦ {human}
aws-ssm-get ¦ "Parameter": {"Name": "/prod/db/password","Type":"SecureString","Value":"@1"} ¦ {alnum:20}
gcp-sa2 ¦ "private_key": "{dashes}BEGIN PRIVATE KEY{dashes}\\n@1\\n@2\\n{dashes}END PRIVATE KEY{dashes}\\n","client_email":"a@b.iam.gserviceaccount.com" ¦ {base64:64} § {base64:64}
gcp-token ¦ {usd} gcloud auth print-access-token\n@1 ¦ ya29.{url64:180}
gcp-ident ¦ {usd} gcloud auth print-identity-token\n@1 ¦ eyJhbGciOiJSUzI1NiIs{url64:40}.eyJ{url64:300}.{url64:342}
azure-az ¦ "password": "@1",\n  "tenant": "{uuid}" ¦ {alnum:3}8Q~{alnum:34}
azure-pub ¦ <publishProfile publishMethod="MSDeploy" userName="{usd}app" userPWD="@1" /> ¦ {alnum:60}
azure-sas2 ¦ SharedAccessSignature=sv=2022-11-02&ss=b&srt=sco&sp=rwd&se=2027&sig=@1 ¦ {alnum:38}%2B{alnum:4}%3D
azure-sb ¦ Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=@1;EntityPath=q ¦ {base64:43}=
azure-appins ¦ AccountKey=@1; ¦ {base64:86}==
azure-signalr ¦ Endpoint=https://x.service.signalr.net;AccessKey=@1;Version=1.0; ¦ {base64:43}=
azure-cosmos ¦ AccountEndpoint=https://x.documents.azure.com:443/;AccountKey=@1 ¦ {base64:86}==
azure-redis-cs ¦ x.redis.cache.windows.net:6380,password=@1,ssl=True ¦ {base64:43}=
firebase-ci ¦ FIREBASE_TOKEN=@1 ¦ 1//0{url64:98}
firebase-cfg ¦ "private_key_id": "@1" ¦ {hex:40}
heroku-cfg ¦ === app Config Vars\nDATABASE_URL: postgres://u:@1@ec2-1.compute.amazonaws.com:5432/d\nSECRET_KEY_BASE:   @2 ¦ {hex:64} § {hex:128}
heroku-auth-token ¦ {usd} heroku auth:token\n@1 ¦ {uuid}
gh-auth-token ¦ {usd} gh auth token\n@1 ¦ gho_{alnum:36}
fly-auth ¦ {usd} fly auth token\n@1 ¦ fm2_lJPE{base64:200}
npm-token-create ¦ │ token │ @1 │ ¦ npm_{alnum:36}
npmrc-env ¦ //registry.npmjs.org/:_authToken=@1 ¦ npm_{alnum:36}
npmrc-uuid ¦ //registry.npmjs.org/:_authToken=@1 ¦ {uuid}
yarn-berry ¦ npmAuthIdent: "@1b64" ¦ ci:{alnum:20}
cargo-cred ¦ [registries.acme]\ntoken = "Bearer @1" ¦ {alnum:32}
composer-auth ¦ "gitlab-token": {"gitlab.acme.io": "@1"} ¦ {alnum:20}
composer-bearer ¦ "bearer": {"repo.acme.io": "@1"} ¦ {alnum:40}
pypirc2 ¦ [pypi]\n  username = __token__\n  password = @1 ¦ pypi-AgEIcHlwaS5vcmc{url64:150}
jwk2 ¦ {"kty":"EC","crv":"P-256","x":"{url64:43}","y":"{url64:43}","d":"@1"} ¦ {url64:43}
jwk-okp ¦ { "kty": "OKP", "d": "@1", "crv": "Ed25519", "x": "{url64:43}" } ¦ {url64:43}
jwk-pretty ¦ {\n  "p": "@1",\n  "kty": "RSA",\n  "q": "@2",\n  "d": "@3",\n  "e": "AQAB"} ¦ {url64:171} § {url64:171} § {url64:342}
ssh2 ¦ ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: x\n@1\n@2\n---- END SSH2 ENCRYPTED PRIVATE KEY ---- ¦ {base64:70} § {base64:70}
pgp-short ¦ {dashes}BEGIN PGP PRIVATE KEY BLOCK{dashes}\n\n@1\n@2\n=abcd\n{dashes}END PGP PRIVATE KEY BLOCK{dashes} ¦ {base64:64} § {base64:64}
cosign ¦ {dashes}BEGIN ENCRYPTED SIGSTORE PRIVATE KEY{dashes}\n@1\n{dashes}END ENCRYPTED SIGSTORE PRIVATE KEY{dashes} ¦ {base64:64}
minisign ¦ untrusted comment: minisign encrypted secret key\n@1 ¦ RWRTY0Iy{base64:204}
signify ¦ untrusted comment: signify secret key\n@1 ¦ RWRCSwAAACo{base64:120}==
age-file ¦ # created: 2026-11-20T10:00:00Z\n# public key: age1{bech:58}\n@1 ¦ AGE-SECRET-KEY-1{base32:58}
ppk2 ¦ PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\n{base64:64}\nPrivate-Lines: 2\n@1\n@2\nPrivate-MAC: {hex:40} ¦ {base64:64} § {base64:30}==
p12 ¦ openssl pkcs12 -in a.p12 -passin pass:@1 -nodes ¦ {human}
keystore ¦ storePassword=@1\nkeyPassword=@2\nkeyAlias=upload ¦ {human} § {human}
gradle-signing ¦ signingConfigs { release { storePassword "@1"\n keyPassword '@2' } } ¦ {human} § {human}
fastlane ¦ FASTLANE_APPLE_APPLICATION_SPECIFIC_PASSWORD=@1 ¦ {lower:4}-{lower:4}-{lower:4}-{lower:4}
match ¦ MATCH_PASSWORD=@1 ¦ {human}
appstore-p8 ¦ {dashes}BEGIN PRIVATE KEY{dashes}\n@1\n@2\n@3\n{dashes}END PRIVATE KEY{dashes} ¦ {base64:64} § {base64:64} § {base64:64}
wp-salts ¦ define('SECURE_AUTH_KEY',  '@1'); ¦ {alnum:20}|{alnum:20}#{alnum:20}
wp-app ¦ application password: @1 ¦ {alnum:4} {alnum:4} {alnum:4} {alnum:4} {alnum:4} {alnum:4}
laravel-key ¦ APP_KEY=base64:@1 ¦ {base64:43}=
django-sk ¦ SECRET_KEY = 'django-insecure-@1' ¦ {small:20}{usd}^{small:25}
flask ¦ app.config['SECRET_KEY'] = '@1' ¦ {hex:32}
rails-secrets ¦ production:\n  secret_key_base: @1 ¦ {hex:128}
phoenix ¦ secret_key_base: "@1" ¦ {base64:64}
symfony ¦ APP_SECRET=@1 ¦ {hex:32}
spring-jdbc ¦ spring.datasource.hikari.password: @1 ¦ {human}
quarkus ¦ %prod.quarkus.datasource.password=@1 ¦ {human}
dotnet-cs ¦ "DefaultConnection": "Server=.;Database=x;User Id=a;Password=@1;TrustServerCertificate=True" ¦ {human}
dotnet-secrets ¦ dotnet user-secrets set "Stripe:ApiKey" "@1" ¦ {alnum:32}
dotnet-secret-list ¦ Auth:ClientSecret = @1 ¦ {alnum:40}
webconfig ¦ <connectionStrings><add name="x" connectionString="Data Source=db;User ID=a;Password=@1" /></connectionStrings> ¦ {human}
machinekey ¦ <machineKey validationKey="@1" decryptionKey="@2" /> ¦ {hexu:128} § {hexu:64}
odbc ¦ DSN=x;UID=a;PWD=@1; ¦ {human}
mongo-cs ¦ mongodb://admin:@1@h1:27017,h2:27017/admin?replicaSet=rs0 ¦ {alnum:18}
mongo-srv ¦ mongodb+srv://a:@1@c.abc.mongodb.net ¦ {human}
redis-url ¦ redis://:@1@h:6379/0 ¦ {alnum:20}
`);

import { type TextKind, textTable } from './text-kind.ts';

/** Addresses and command lines that carry a secret. */
export const furtherCommands: readonly TextKind[] = textTable(String.raw`
url-special ¦ postgres://app:@1@db:5432/app ¦ {alnum:6}!{alnum:5}{usd}
url-slash ¦ postgres://app:@1@db:5432/app ¦ {alnum:6}/{alnum:6}
url-quest ¦ amqp://app:@1@mq:5672 ¦ {alnum:6}?{alnum:6}
url-user-at ¦ postgres://app@tenant:@1@db.acme.azure.com/x ¦ {alnum:16}
cloudinary ¦ CLOUDINARY_URL=cloudinary://{digit:15}:@1@demo ¦ {url64:27}
mailer-dsn ¦ MAILER_DSN=smtp://u:@1@smtp.x.io:587 ¦ {alnum:16}
mailer-dsn2 ¦ MAILER_DSN=sendgrid://@1@default ¦ SG.{url64:22}.{url64:43}
celery ¦ broker_url = "amqp://u:@1@rabbit//" ¦ {human}
prisma ¦ url = "mysql://root:@1@localhost:3306/x" ¦ {human}
prisma-acc ¦ DATABASE_URL="prisma://accelerate.prisma-data.net/?api_key=@1" ¦ eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{url64:120}.{url64:43}
turso ¦ TURSO_URL=libsql://x.turso.io?authToken=@1 ¦ eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJ{url64:80}.{url64:86}
ws-token ¦ wss://x.io/socket?token=@1 ¦ {url64:40}
reset-link ¦ https://x.io/reset-password/@1 ¦ {url64:43}
magic-link ¦ https://x.io/auth/verify?token=@1&email=a ¦ {hex:64}
invite ¦ https://x.io/invite?code=@1 ¦ {url64:32}
oauth-cb ¦ GET /callback?code=@1&state=xyz HTTP/1.1 ¦ {url64:48}
oauth-frag ¦ https://x.io/#access_token=@1&token_type=bearer ¦ {url64:60}
oauth-body ¦ grant_type=refresh_token&refresh_token=@1&client_id=x&client_secret=@2 ¦ {url64:60} § {alnum:40}
oauth-pw ¦ grant_type=password&username=a&password=@1 ¦ {alnum:14}
oauth-assert ¦ assertion=@1 ¦ eyJhbGciOiJSUzI1NiJ9.eyJ{url64:200}.{url64:342}
saml ¦ SAMLResponse=@1 ¦ PHNhbWxwOlJlc3BvbnNl{base64:600}
presigned-cf ¦ https://d1.cloudfront.net/a?Expires=1&Signature=@1&Key-Pair-Id=K2 ¦ {url64:340}
gcs-signed ¦ https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=@1 ¦ {hex:512}
minio-signed ¦ http://minio:9000/b/o?X-Amz-Algorithm=AWS4&X-Amz-Security-Token=@1&X-Amz-Signature=@2 ¦ IQoJb3JpZ2luX2Vj{base64:300} § {hex:64}
teams2 ¦ https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/@1/{uuid} ¦ {hex:32}
powerautomate ¦ https://prod-12.westeurope.logic.azure.com:443/workflows/{hex:32}/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig=@1 ¦ {url64:43}
gchat ¦ https://chat.googleapis.com/v1/spaces/AAAA{alnum:7}/messages?key=@1&token=@2 ¦ AIzaSy{url64:33} § {url64:43}
discord-wh2 ¦ https://discordapp.com/api/webhooks/{digit:18}/@1 ¦ {url64:68}
slack-wf ¦ https://hooks.slack.com/workflows/T0{capital:9}/A0{capital:9}/{digit:18}/@1 ¦ {alnum:24}
slack-trigger ¦ https://hooks.slack.com/triggers/T0{capital:9}/{digit:13}/@1 ¦ {hex:32}
make-hook ¦ https://hook.eu1.make.com/@1 ¦ {small:32}
zapier ¦ https://hooks.zapier.com/hooks/catch/{digit:7}/@1/ ¦ {small:8}
ifttt ¦ https://maker.ifttt.com/trigger/x/with/key/@1 ¦ {url64:22}
mattermost-hook ¦ https://mm.acme.io/hooks/@1 ¦ {small:26}
rocketchat ¦ https://rc.acme.io/hooks/{alnum:17}/@1 ¦ {alnum:43}
feishu ¦ https://open.feishu.cn/open-apis/bot/v2/hook/@1 ¦ {uuid}
dingtalk ¦ https://oapi.dingtalk.com/robot/send?access_token=@1 ¦ {hex:64}
wecom ¦ https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=@1 ¦ {uuid}
pagerduty-int ¦ https://events.pagerduty.com/integration/@1/enqueue ¦ {hex:32}
telegram-url ¦ https://api.telegram.org/bot@1/sendMessage ¦ {digit:10}:AA{url64:33}
healthcheck ¦ https://hc-ping.com/@1 ¦ {uuid}
sentry-dsn2 ¦ dsn: "https://@1@o{digit:6}.ingest.us.sentry.io/{digit:16}" ¦ {hex:32}
infura2 ¦ wss://mainnet.infura.io/ws/v3/@1 ¦ {hex:32}
alchemy2 ¦ https://polygon-mainnet.g.alchemy.com/v2/@1 ¦ {url64:32}
quicknode ¦ https://cool-name.solana-mainnet.quiknode.pro/@1/ ¦ {hex:40}
maps ¦ https://maps.googleapis.com/maps/api/js?key=@1&callback=x ¦ AIzaSy{url64:33}
openweather-url ¦ https://api.openweathermap.org/data/2.5/weather?q=x&appid=@1 ¦ {hex:32}
git-clone-token ¦ git clone https://@1@github.com/a/b.git ¦ ghp_{alnum:36}
git-clone-gl ¦ git clone https://gitlab-ci-token:@1@gitlab.acme.io/a/b.git ¦ {url64:20}
git-clone-az ¦ git clone https://acme:@1@dev.azure.com/acme/p/_git/r ¦ {small:52}
git-clone-bb ¦ https://x-token-auth:@1@bitbucket.org/a/b.git ¦ ATCTT3xFfGN0{url64:171}={hexu:8}
git-remote-v ¦ origin  https://u:@1@git.acme.io/r.git (push) ¦ {alnum:20}
git-config ¦ [remote "origin"]\n\turl = https://@1:x-oauth-basic@github.com/a/b ¦ {hex:40}
npm-git ¦ git+https://@1@github.com/a/b.git#semver:^1 ¦ ghp_{alnum:36}
go-private ¦ GOPROXY=https://u:@1@goproxy.acme.io ¦ {alnum:16}
http-proxy ¦ export https_proxy=http://user:@1@proxy.acme.io:8080 ¦ {alnum:10}
curl-user2 ¦ curl -sS -u "admin:@1" -X PUT localhost:9200/x ¦ {alnum:12}
curl-user3 ¦ curl --user svc-deploy:'@1' https://x.io ¦ {alnum:12}
curl-digest ¦ curl --digest -u admin:@1 http://h ¦ {human}
curl-oauth ¦ curl --oauth2-bearer @1 https://x.io ¦ {alnum:40}
curl-header-tok ¦ curl -H "PRIVATE-TOKEN: @1" https://gitlab/api ¦ {url64:20}
curl-json ¦ curl -d '{"username":"a","password":"@1"}' https://x.io/login ¦ {human}
curl-form ¦ curl -F password=@1 https://x.io ¦ {human}
curl-cookiejar ¦ curl -b "JSESSIONID=@1; path=/" http://h ¦ {hexu:32}
curl-verbose ¦ > Authorization: Basic @1b64\n< HTTP/1.1 200 ¦ admin:{human}
curl-cert ¦ curl --cert c.pem:@1 https://x.io ¦ {human}
wget2 ¦ wget --header="Authorization: Bearer @1" https://x.io ¦ {alnum:40}
httpie2 ¦ http POST x.io/login username=a password=@1 ¦ {human}
mysql2 ¦ mysql -h db -u root -p@1 -e "select 1" ¦ {human}
mysql3 ¦ mysql --host=db --user=root --password=@1 app ¦ {human}
mysqldump2 ¦ mysqldump -u root --password='@1' app > x.sql ¦ {human}
psql2 ¦ psql "host=db user=a password=@1" ¦ {human}
psql3 ¦ PGPASSWORD="@1" psql -h db ¦ {human}
mongo2 ¦ mongosh --host h -u admin -p @1 --authenticationDatabase admin ¦ {alnum:14}
redis2 ¦ redis-cli -h h -p 6379 -a "@1" keys "*" ¦ {alnum:20}
redis-auth2 ¦ 127.0.0.1:6379> AUTH default @1\nOK ¦ {alnum:20}
redis-config ¦ CONFIG SET requirepass "@1" ¦ {alnum:20}
redis-acl ¦ ACL SETUSER a on >@1 ~* +@all ¦ {alnum:20}
sqlcmd2 ¦ sqlcmd -S db -U sa -P @1 -Q "select 1" ¦ {human}
oracle2 ¦ sqlplus sys/@1@orcl as sysdba ¦ {human}
clickhouse ¦ clickhouse-client --user a --password @1 ¦ {human}
influx ¦ influx -username a -password @1 ¦ {human}
cqlsh ¦ cqlsh -u cassandra -p @1 10.0.0.1 ¦ {human}
ldap2 ¦ ldapsearch -D "cn=admin,dc=x" -w '@1' -H ldap://h ¦ {human}
docker2 ¦ docker login ghcr.io -u u --password @1 ¦ ghp_{alnum:36}
docker3 ¦ echo @1 | docker login -u u --password-stdin ¦ {alnum:20}
docker4 ¦ docker login --username=u --password='@1' ¦ {human}
podman ¦ podman login -u a -p "@1" quay.io ¦ {alnum:20}
helm2 ¦ helm repo add x https://x --username u --password @1 ¦ {human}
ssh2c ¦ sshpass -p@1 ssh root@h ¦ {human}
ssh3 ¦ SSHPASS=@1 sshpass -e ssh h ¦ {human}
plink ¦ plink -ssh root@h -pw @1 ¦ {human}
scp-win ¦ pscp -pw @1 a root@h: ¦ {human}
winscp ¦ winscp.com /command "open sftp://u:@1@h/" ¦ {alnum:12}
lftp2 ¦ lftp -u user,@1 sftp://h ¦ {human}
smb2 ¦ smbclient //h/s -U 'dom\\u%@1' ¦ {alnum:12}
mount ¦ mount -t cifs -o username=u,password=@1,vers=3.0 //h/s /m ¦ {alnum:12}
rdp2 ¦ xfreerdp /u:admin /p:"@1" /v:h ¦ {human}
net-use ¦ net use Z: \\\\h\\s /user:dom\\u @1 ¦ {human}
runas ¦ psexec \\\\h -u a -p @1 cmd ¦ {human}
schtasks ¦ schtasks /create /tn x /ru a /rp @1 ¦ {human}
zip2 ¦ zip -er -P @1 a.zip d ¦ {human}
7z2 ¦ 7z a -p"@1" -mhe a.7z d ¦ {human}
gpg2 ¦ gpg --batch --passphrase @1 -d a.gpg ¦ {human}
gpg3 ¦ gpg --batch --passphrase '@1' --pinentry-mode loopback -c a ¦ {human}
openssl2 ¦ openssl enc -aes-256-cbc -pass pass:@1 -in a ¦ {human}
openssl3 ¦ openssl rsa -passin "pass:@1" -in k ¦ {human}
ansible-v ¦ ansible all -m ping -e "ansible_password=@1" ¦ {human}
vault3 ¦ vault login -method=userpass username=a password=@1 ¦ {human}
vault4 ¦ vault login token=@1 ¦ hvs.{alnum:24}
vault5 ¦ vault operator unseal @1 ¦ {base64:44}
consul ¦ consul acl bootstrap\nAccessorID:       {uuid}\nSecretID:         @1 ¦ {uuid}
nomad ¦ Secret ID    = @1 ¦ {uuid}
terraform ¦ terraform login\nToken: @1 ¦ {alnum:14}.atlasv1.{url64:67}
twine ¦ twine upload -u __token__ -p @1 dist/* ¦ pypi-AgEIcHlwaS5vcmc{url64:150}
npm-publish ¦ npm publish --//registry.npmjs.org/:_authToken=@1 ¦ npm_{alnum:36}
snyk ¦ snyk auth @1 ¦ {uuid}
sonar ¦ sonar-scanner -Dsonar.login=@1 ¦ {hex:40}
sonar2 ¦ mvn sonar:sonar -Dsonar.token=@1 ¦ sqp_{hex:40}
java-d ¦ java -Djavax.net.ssl.keyStorePassword=@1 -jar a.jar ¦ {human}
java-d2 ¦ java -Ddb.password=@1 -jar a.jar ¦ {human}
keytool2 ¦ keytool -importkeystore -srcstorepass @1 -deststorepass @2 ¦ {human} § {human}
jarsigner ¦ jarsigner -storepass @1 -keypass @2 a.jar alias ¦ {human} § {human}
htpasswd2 ¦ htpasswd -b -c .htpasswd admin @1 ¦ {human}
htpasswd3 ¦ htpasswd -bB f admin "@1" ¦ {human}
passwd ¦ echo "@1" | passwd --stdin root ¦ {human}
chpasswd2 ¦ echo root:@1 | chpasswd ¦ {human}
usermod ¦ usermod -p '@1' root ¦ {human}
sudo ¦ echo "@1" | sudo -S ls ¦ {human}
wpa-pass ¦ wpa_passphrase ssid @1 ¦ {human}
nmcli ¦ nmcli dev wifi connect x password @1 ¦ {human}
iwconfig ¦ wifi.sta.config({ssid="x", pwd="@1"}) ¦ {human}
arduino ¦ const char* password = "@1";\nWiFi.begin(ssid, password); ¦ {human}
arduino2 ¦ #define WIFI_PASS "@1" ¦ {human}
snmp3 ¦ snmpget -v3 -u a -A @1 -X @2 h ¦ {alnum:12} § {alnum:12}
snmpd ¦ rocommunity @1 10.0.0.0/8 ¦ {alnum:12}
cisco ¦ enable secret @1 ¦ {alnum:12}
cisco2 ¦ username admin privilege 15 password 0 @1 ¦ {human}
cisco3 ¦ snmp-server community @1 RO ¦ {alnum:12}
cisco4 ¦ tacacs-server key @1 ¦ {alnum:16}
junos ¦ set system root-authentication plain-text-password-value "@1" ¦ {human}
ipsec ¦ : PSK "@1" ¦ {alnum:24}
ipsec2 ¦ conn x : EAP "@1" ¦ {alnum:16}
xl2tp ¦ user * @1 * ¦ {alnum:16}
aws-ssm2 ¦ aws secretsmanager create-secret --name x --secret-string "@1" ¦ {alnum:20}
aws-ssm3 ¦ aws secretsmanager create-secret --name x --secret-string '{"password":"@1"}' ¦ {human}
gcloud-sec ¦ printf "@1" | gcloud secrets versions add x --data-file=- ¦ {alnum:20}
az-kv ¦ az keyvault secret set --vault-name v -n n --value @1 ¦ {alnum:20}
op ¦ op item create --category login password=@1 ¦ {alnum:20}
op-read ¦ {usd} op read op://v/i/password\n@1 ¦ {alnum:20}
pass-show ¦ {usd} pass show work/db\n@1 ¦ {alnum:20}
security ¦ security add-generic-password -a a -s s -w "@1" ¦ {human}
keyring ¦ keyring.set_password('svc', 'user', '@1') ¦ {human}
doppler2 ¦ │ STRIPE_KEY │ @1 │ ¦ sk_live_{alnum:24}
gh-secret2 ¦ gh secret set X --body @1 ¦ {alnum:30}
expect2 ¦ send -- "@1\\r" ¦ {human}
powershell2 ¦ ConvertTo-SecureString '@1' -AsPlainText -Force ¦ {human}
powershell3 ¦ New-LocalUser -Name a -Password (ConvertTo-SecureString "@1" -AsPlainText -Force) ¦ {human}
ps-net ¦ [Net.NetworkCredential]::new("a","@1") ¦ {human}
`);

/** Secrets of services that have no mark of their own: kind, template, names. */
export const unmarkedTokens = `
mailgun-new|{hex:32}-{hex:8}-{hex:8}|MAILGUN_API_KEY
upstash|AX{alnum:2}AAI{alnum:1}cDE{alnum:50}|UPSTASH_REDIS_REST_TOKEN
clickhouse|4b1d{alnum:38}|CLICKHOUSE_KEY_SECRET
rails-key|{hex:32}|RAILS_MASTER_KEY
fastly|{url64:32}|FASTLY_API_TOKEN
forgejo|{hex:40}|FORGEJO_TOKEN
jenkins|11{hex:32}|JENKINS_API_TOKEN
aws-secret|{base64:40}|AWS_SECRET_ACCESS_KEY aws_secret_access_key secretAccessKey
azure-openai|{hex:32}|AZURE_OPENAI_API_KEY
cohere|{alnum:40}|COHERE_API_KEY CO_API_KEY
mistral|{alnum:32}|MISTRAL_API_KEY
ai21|{alnum:32}|AI21_API_KEY
assemblyai|{hex:32}|ASSEMBLYAI_API_KEY
deepgram|{hex:40}|DEEPGRAM_API_KEY
stability|{hex:48}|STABILITY_KEY
wandb|{hex:40}|WANDB_API_KEY
comet|{alnum:25}|COMET_API_KEY
datadog-api|{hex:32}|DD_API_KEY DATADOG_API_KEY
datadog-app|{hex:40}|DD_APP_KEY DATADOG_APP_KEY
cloudflare-global|{hex:37}|CLOUDFLARE_API_KEY
cloudflare-legacy|{url64:40}|CF_API_TOKEN
heroku|{uuid}|HEROKU_API_KEY
linode|{hex:64}|LINODE_TOKEN
vultr|{capital:36}|VULTR_API_KEY
hetzner|{alnum:64}|HCLOUD_TOKEN
scaleway|{uuid}|SCW_SECRET_KEY
ovh|{alnum:32}|OVH_CONSUMER_KEY OVH_APPLICATION_SECRET
twilio-auth|{hex:32}|TWILIO_AUTH_TOKEN
postmark|{uuid}|POSTMARK_SERVER_TOKEN
vonage|{alnum:16}|VONAGE_API_SECRET
plivo|{base64:40}|PLIVO_AUTH_TOKEN
pusher|{hex:20}|PUSHER_APP_SECRET
algolia|{hex:32}|ALGOLIA_API_KEY ALGOLIA_ADMIN_API_KEY
okta|00{url64:40}|OKTA_API_TOKEN
auth0|{url64:64}|AUTH0_CLIENT_SECRET
zendesk|{alnum:40}|ZENDESK_API_TOKEN
freshdesk|{alnum:20}|FRESHDESK_API_KEY
intercom-secret|{uuid}|INTERCOM_CLIENT_SECRET
trello-key|{hex:32}|TRELLO_API_KEY
trello-token|ATTA{hex:64}{hex:8}|TRELLO_TOKEN
circleci-old|{hex:40}|CIRCLECI_TOKEN
travis|{url64:22}|TRAVIS_TOKEN
codecov|{uuid}|CODECOV_TOKEN
coveralls|{alnum:32}|COVERALLS_REPO_TOKEN
snyk|{uuid}|SNYK_TOKEN
dockerhub-old|{uuid}|DOCKERHUB_TOKEN
twitter-secret|{alnum:50}|TWITTER_API_SECRET TWITTER_CONSUMER_SECRET
twitter-access|{digit:19}-{alnum:30}|TWITTER_ACCESS_TOKEN
twitter-access-secret|{alnum:45}|TWITTER_ACCESS_TOKEN_SECRET
facebook-secret|{hex:32}|FACEBOOK_APP_SECRET
linkedin|{alnum:16}|LINKEDIN_CLIENT_SECRET
spotify|{hex:32}|SPOTIFY_CLIENT_SECRET
reddit|{url64:30}|REDDIT_CLIENT_SECRET
github-client|{hex:40}|GITHUB_CLIENT_SECRET
gitlab-client|{hex:64}|GITLAB_CLIENT_SECRET
discord-client|{url64:32}|DISCORD_CLIENT_SECRET
slack-signing|{hex:32}|SLACK_SIGNING_SECRET
dropbox-secret|{small:15}|DROPBOX_APP_SECRET
paypal|E{url64:79}|PAYPAL_CLIENT_SECRET
coinbase|{alnum:32}|COINBASE_API_SECRET
binance|{alnum:64}|BINANCE_API_SECRET
kraken|{base64:86}==|KRAKEN_PRIVATE_KEY
infura|{hex:32}|INFURA_PROJECT_SECRET
alchemy|{url64:32}|ALCHEMY_API_KEY
etherscan|{capital:34}|ETHERSCAN_API_KEY
eth-key|0x{hex:64}|PRIVATE_KEY DEPLOYER_PRIVATE_KEY
eth-key-plain|{hex:64}|WALLET_PRIVATE_KEY
django|{alnum:20}^{small:10}(&{small:8}{usd}{small:10}|SECRET_KEY DJANGO_SECRET_KEY
flask|{hex:64}|FLASK_SECRET_KEY
rails|{hex:128}|SECRET_KEY_BASE
laravel|base64:{base64:43}=|APP_KEY
nextauth|{base64:43}=|NEXTAUTH_SECRET AUTH_SECRET
jwt-secret|{alnum:48}|JWT_SECRET JWT_SIGNING_KEY
session-secret|{hex:48}|SESSION_SECRET COOKIE_SECRET
encryption|{base64:43}=|ENCRYPTION_KEY DATA_ENCRYPTION_KEY
fernet|{url64:43}=|FERNET_KEY AIRFLOW__CORE__FERNET_KEY
webhook|{hex:40}|WEBHOOK_SECRET GITHUB_WEBHOOK_SECRET
maxmind|{alnum:6}_{alnum:29}_mmk|MAXMIND_LICENSE_KEY
newrelic|{hex:40}|NEW_RELIC_LICENSE_KEY
splunk-hec|{uuid}|SPLUNK_HEC_TOKEN
loggly|{uuid}|LOGGLY_TOKEN
pagerduty|{url64:20}|PAGERDUTY_API_KEY
opsgenie|{uuid}|OPSGENIE_API_KEY
rollbar|{hex:32}|ROLLBAR_ACCESS_TOKEN
bugsnag|{hex:32}|BUGSNAG_API_KEY
amplitude|{hex:32}|AMPLITUDE_SECRET_KEY
mixpanel|{hex:32}|MIXPANEL_API_SECRET
segment-write|{alnum:32}|SEGMENT_WRITE_KEY
elastic-cloud|{url64:60}==|ELASTIC_API_KEY
consul|{uuid}|CONSUL_HTTP_TOKEN
nomad|{uuid}|NOMAD_TOKEN
npm-legacy|{uuid}|NPM_TOKEN
ngrok|2{alnum:26}_{alnum:21}|NGROK_AUTHTOKEN
generic-api|{alnum:32}|API_KEY ACME_API_KEY apiKey x-api-key
generic-token|{url64:40}|ACCESS_TOKEN API_TOKEN authToken INTERNAL_TOKEN
generic-secret|{alnum:40}|CLIENT_SECRET clientSecret APP_SECRET
db-password|{human}|DB_PASSWORD POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD dbPassword
smtp-password|{human}|SMTP_PASS MAIL_PASSWORD EMAIL_HOST_PASSWORD
redis-password|{alnum:24}|REDIS_PASSWORD REDIS_AUTH
admin-password|{human}|ADMIN_PASSWORD KEYCLOAK_ADMIN_PASSWORD GF_SECURITY_ADMIN_PASSWORD
gmail-app|{lower:4} {lower:4} {lower:4} {lower:4}|GMAIL_APP_PASSWORD
ssh-pass|{human}|SSH_PASSPHRASE SSHPASS
basic-pass|{human}|BASIC_AUTH_PASSWORD HTTP_PASSWORD
minio|{alnum:40}|MINIO_SECRET_KEY MINIO_ROOT_PASSWORD
r2|{hex:64}|R2_SECRET_ACCESS_KEY
b2|K00{base64:28}|B2_APPLICATION_KEY
kafka|{base64:64}|KAFKA_SASL_PASSWORD CONFLUENT_API_SECRET
snowflake|{human}|SNOWFLAKE_PASSWORD
meili|{url64:43}|MEILI_MASTER_KEY MEILISEARCH_API_KEY
typesense|{alnum:32}|TYPESENSE_API_KEY
`;

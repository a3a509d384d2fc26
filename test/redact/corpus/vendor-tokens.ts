/** Tokens of further services: kind, template, names. They have a mark of their own. */
export const vendorTokens = `
ghu|ghu_{alnum:36}|GITHUB_TOKEN COPILOT_TOKEN
ghs-new|ghs_{digit:7}_eyJ{url64:60}.eyJ{url64:200}.{url64:200}|GITHUB_TOKEN
glrt-t1|glrt-t1_{url64:20}|RUNNER_TOKEN
gloas|gloas-{hex:64}|GITLAB_APP_SECRET
glimt|glimt-{small:25}|GITLAB_MAIL_TOKEN
glffct|glffct-{url64:20}|GITLAB_FEATURE_TOKEN
bbdc|BBDC-{base64:44}|BITBUCKET_TOKEN
atlassian-scoped|ATATT3xFfGF0{url64:171}={capital:8}|ATLASSIAN_API_TOKEN
bitbucket-new|ATCTT3xFfGN0{url64:171}={capital:8}|BITBUCKET_ACCESS_TOKEN
az-func|{alnum:44}AzFu{alnum:4}Q==|FUNCTION_KEY AZURE_FUNCTION_KEY
az-search|{alnum:42}AzSe{alnum:6}|AZURE_SEARCH_KEY
az-redis|{base64:33}AzCa{base64:6}=|AZURE_REDIS_KEY
az-batch|{base64:76}+ABa{base64:6}==|AZURE_BATCH_KEY
az-apim|{alnum:32}APIM{base64:14}|APIM_KEY
az-iot|{base64:33}AIoT{base64:6}=|IOTHUB_KEY
az-relay|{base64:33}+ARm{base64:6}=|RELAY_KEY
az-eventgrid|{base64:33}AZEG{base64:6}=|EVENTGRID_KEY
az-ml|{base64:33}+AMC{base64:6}=|ML_KEY
aws-mws|amzn.mws.{uuid}|MWS_AUTH_TOKEN
aws-lwa|amzn1.oa2-cs.v1.{hex:64}|LWA_CLIENT_SECRET
aws-bedrock-short|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{base64:400}|AWS_BEARER_TOKEN_BEDROCK
aws-sso|aoaAAAAAG{url64:300}|accessToken
gcp-hmac-id|GOOG1E{capital:55}|GCS_ACCESS_KEY_ID
gcp-auth-code|4/0A{url64:70}|auth_code
baidu|bce-v3/ALTAK-{alnum:21}/{hex:40}|QIANFAN_API_KEY
volc|AKLT{alnum:44}|VOLC_ACCESSKEY
exoscale|EXO{hex:24}|EXOSCALE_API_KEY
upcloud|ucat_{capital:26}|UPCLOUD_TOKEN
deno|ddp_{alnum:36}|DENO_DEPLOY_TOKEN
denoorg|ddo_{alnum:36}|DENO_DEPLOY_TOKEN
turnstile|0x4AAAAAAA{url64:27}|TURNSTILE_SECRET_KEY
cf-tunnel|eyJhIjoi{alnum:150}|TUNNEL_TOKEN
cockroach|CCDB1_{alnum:22}_{alnum:40}|COCKROACH_API_KEY
fauna|fnA{url64:37}|FAUNA_SECRET
databricks-oauth|dose{hex:32}|DATABRICKS_CLIENT_SECRET
aiven|AVNS_{url64:19}|AIVEN_PASSWORD PGPASSWORD
essu|essu_{base64:80}==|EC_API_KEY
openai-sess|sess-{alnum:40}|OPENAI_SESSION
fpk|fpk_{alnum:40}|FIREWORKS_KEY
cursor|key_{hex:64}|CURSOR_API_KEY
cursor-new|crsr_{hex:64}|CURSOR_API_KEY
v0|v1:{alnum:24}:{alnum:24}|V0_API_KEY
modal-id|ak-{alnum:22}|MODAL_TOKEN_ID
modal|as-{alnum:22}|MODAL_TOKEN_SECRET
runpod|rpa_{capital:40}{lower:6}|RUNPOD_API_KEY
cartesia|sk_car_{alnum:22}|CARTESIA_API_KEY
brave|BSA{url64:28}|BRAVE_API_KEY
helicone|sk-helicone-{small:7}-{small:7}-{small:7}-{small:7}|HELICONE_API_KEY
mem0|m0-{alnum:40}|MEM0_API_KEY
friendli|flp_{alnum:46}|FRIENDLI_TOKEN
anyscale|esecret_{small:26}|ANYSCALE_API_KEY
chutes|cpk_{hex:32}.{hex:32}.{alnum:32}|CHUTES_API_KEY
ovsx|ovsxat_{uuid}|OVSX_PAT
nexus|NpmToken.{uuid}|NPM_TOKEN
checkly|cu_{hex:32}|CHECKLY_API_KEY
teamcity|eyJ0eXAiOiAiVENWMiJ9.{base64:36}.{base64:48}|TEAMCITY_TOKEN
boundary|at_{alnum:10}_s1{alnum:120}|BOUNDARY_TOKEN
age-pq|AGE-SECRET-KEY-PQ-1{capital:58}|AGE_KEY
axiom|xaat-{uuid}|AXIOM_TOKEN
axiom-pat|xapt-{uuid}|AXIOM_TOKEN
unleash|*:development.{hex:60}|UNLEASH_API_TOKEN
configcat|configcat-sdk-1/{url64:22}/{url64:22}|CONFIGCAT_SDK_KEY
tinybird|p.eyJ{url64:100}.{url64:43}|TINYBIRD_TOKEN
flagsmith|ser.{alnum:22}|FLAGSMITH_KEY
pubnub|sec-c-{base64:48}|PUBNUB_SECRET_KEY
onesignal|os_v2_app_{small:100}|ONESIGNAL_API_KEY
mandrill|md-{url64:22}|MANDRILL_API_KEY
klaviyo|pk_{hex:34}|KLAVIYO_PRIVATE_KEY
smtp2go|api-{hexu:32}|SMTP2GO_API_KEY
zoho|1000.{hex:32}.{hex:32}|ZOHO_REFRESH_TOKEN
close|api_{alnum:22}.{alnum:22}|CLOSE_API_KEY
clickup|pk_{digit:7}_{capital:32}|CLICKUP_API_TOKEN
cal|cal_live_{hex:32}|CAL_API_KEY
gocardless|live_{url64:40}|GOCARDLESS_ACCESS_TOKEN
paddle|pdl_live_apikey_01{small:24}_{alnum:22}_{alnum:3}|PADDLE_API_KEY
klarna|klarna_live_api_{base64:100}|KLARNA_API_KEY
mercadopago|APP_USR-{digit:16}-{digit:6}-{hex:32}-{digit:9}|MP_ACCESS_TOKEN
woo|cs_{hex:40}|WOO_CONSUMER_SECRET
woo-key|ck_{hex:40}|WOO_CONSUMER_KEY
arcgis|AAPK{url64:80}|ARCGIS_API_KEY
imagekit|private_{base64:27}=|IMAGEKIT_PRIVATE_KEY
pinterest|pina_{capital:60}|PINTEREST_TOKEN
linkedin|WPL_AP1.{alnum:16}.{base64:8}|LINKEDIN_SECRET
aio|aio_{alnum:28}|ADAFRUIT_IO_KEY
nostr|nsec1{bech:58}|NOSTR_KEY
sui|suiprivkey1{bech:59}|SUI_KEY
near|ed25519:{base58:87}|NEAR_PRIVATE_KEY
tezos|edsk{base58:50}|TEZOS_SECRET_KEY
aptos|ed25519-priv-0x{hex:64}|APTOS_PRIVATE_KEY
stytch|secret-live-{url64:36}=|STYTCH_SECRET
ory|ory_at_{url64:43}.{url64:43}|ORY_ACCESS_TOKEN
ory-pat|ory_pat_{alnum:32}|ORY_ACCESS_TOKEN
netbird|nbp_{alnum:36}|NETBIRD_TOKEN
hawk|hawk.{url64:20}.{url64:20}|HAWK_API_KEY
rapidapi|{hex:10}msh{hex:15}p1{hex:6}jsn{hex:12}|RAPIDAPI_KEY X-RapidAPI-Key
gitbook|gb_api_{alnum:40}|GITBOOK_TOKEN
tcv2|eyJ0eXAiOiAiVENWMiJ9.{url64:38}.{uuid}|TEAMCITY_TOKEN
permit|permit_key_{alnum:84}|PERMIT_API_KEY
jsr|jsrp_{alnum:40}|JSR_TOKEN
slack-bot-old|xoxb-{digit:12}-{alnum:24}|SLACK_BOT_TOKEN
slack-enterprise|xoxe.xoxb-1-{alnum:166}|SLACK_TOKEN
square-app|sandbox-sq0csb-{url64:43}|SQUARE_APP_SECRET
wakatime|waka_{uuid}|WAKATIME_API_KEY
snowflake-pat|eyJraWQiOiI{url64:30}.eyJ{url64:100}.{url64:340}|SNOWFLAKE_TOKEN
newrelic-ins|NRIQ-{url64:32}|NR_QUERY_KEY
circle|CCIPRJ_{alnum:22}_{hex:40}|CIRCLE_TOKEN
jwt-rs|eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJ{url64:200}.{url64:342}|ACCESS_TOKEN
`;

/** Those of which only the name tells. */
export const vendorSecrets = `
fal|{uuid}:{hex:32}|FAL_KEY
baseten|{alnum:8}.{alnum:32}|BASETEN_API_KEY
zhipu|{hex:32}.{alnum:16}|ZHIPUAI_API_KEY GLM_API_KEY
quay|{capital:64}|QUAY_PASSWORD
appveyor|v2.{alnum:20}|APPVEYOR_TOKEN
bitwarden|0.{uuid}.{alnum:30}:{base64:22}==|BWS_ACCESS_TOKEN
uptimerobot|u{digit:6}-{hex:24}|UPTIMEROBOT_API_KEY
pagerduty|u+{alnum:18}|PAGERDUTY_TOKEN
ably|{alnum:6}.{alnum:6}:{url64:43}|ABLY_API_KEY
courier|pk_prod_{capital:28}|COURIER_AUTH_TOKEN
alpaca-secret|{alnum:40}|APCA_API_SECRET_KEY
sanity|sk{alnum:178}|SANITY_TOKEN
ghost|{hex:24}:{hex:64}|GHOST_ADMIN_API_KEY
storyblok|{alnum:22}tt|STORYBLOK_TOKEN
solana|{base58:88}|SOLANA_PRIVATE_KEY
stellar|S{base32:55}|STELLAR_SECRET
blockfrost|mainnet{alnum:32}|BLOCKFROST_PROJECT_ID
replit|{base64:44}|REPLIT_DB_TOKEN
launch-relay|rel-{uuid}|LD_RELAY_KEY
mailgun-priv|{hex:32}-{hex:8}-{hex:8}|MAILGUN_PRIVATE_KEY
railway|{uuid}|RAILWAY_TOKEN
travis|{url64:22}|TRAVIS_TOKEN
vercel-old|{alnum:24}|VERCEL_TOKEN
netlify-old|{url64:43}|NETLIFY_AUTH_TOKEN
together-hex|{hex:64}|TOGETHER_API_KEY
hetzner|{alnum:64}|HETZNER_API_TOKEN
datadog|{hex:32}|DD_API_KEY
datadog-app|{hex:40}|DD_APPLICATION_KEY
ddpub|pub{hex:32}|DD_CLIENT_TOKEN
cf-global|{hex:37}|CF_GLOBAL_API_KEY CLOUDFLARE_GLOBAL_KEY
cf-email|{url64:40}|CLOUDFLARE_TOKEN
twitch|{small:30}|TWITCH_CLIENT_SECRET TWITCH_OAUTH
twitch-oauth|oauth:{small:30}|TWITCH_OAUTH_TOKEN
openweather|{hex:32}|OPENWEATHER_API_KEY OWM_KEY
serper|{hex:40}|SERPER_API_KEY
exa|{uuid}|EXA_API_KEY
semgrep|{hex:64}|SEMGREP_APP_TOKEN
mattermost|{small:26}|MATTERMOST_TOKEN
keycloak|{alnum:32}|KEYCLOAK_CLIENT_SECRET OIDC_CLIENT_SECRET
atlas-private|{uuid}|MONGODB_ATLAS_PRIVATE_KEY ATLAS_PRIVATE_API_KEY
ses-smtp|B{base64:43}|SES_SMTP_PASSWORD SMTP_PASSWORD
browserstack|{alnum:20}|BROWSERSTACK_ACCESS_KEY
saucelabs|{uuid}|SAUCE_ACCESS_KEY
ibm|{url64:44}|IBMCLOUD_API_KEY
plaid|{hex:30}|PLAID_SECRET
yelp|{url64:128}|YELP_API_KEY
shodan|{alnum:32}|SHODAN_API_KEY
virustotal|{hex:64}|VT_API_KEY
pepper|{hex:32}|PASSWORD_PEPPER HASH_PEPPER
app-key|{hex:64}|APP_ENCRYPTION_KEY MASTER_KEY
pin-like|{lower:5}-{digit:5}-{lower:5}|VPN_PASSWORD
okta|00{url64:40}|OKTA_TOKEN
algolia|{hex:32}|ALGOLIA_ADMIN_KEY ALGOLIA_WRITE_KEY
sourcegraph-old|{hex:40}|SRC_ACCESS_TOKEN
gumroad|{url64:43}|GUMROAD_TOKEN
kafka|{base64:64}|KAFKA_API_SECRET
appsecret|{hex:32}|FACEBOOK_APP_SECRET WECHAT_APP_SECRET
cohere|{alnum:40}|COHERE_KEY
deepl|{uuid}:fx|DEEPL_AUTH_KEY
dropbox-refresh|{url64:64}|DROPBOX_REFRESH_TOKEN
box|{alnum:32}|BOX_CLIENT_SECRET
zoom|{url64:32}|ZOOM_CLIENT_SECRET
figma-old|{digit:6}-{uuid}|FIGMA_PERSONAL_ACCESS_TOKEN
rollbar|{hex:32}|ROLLBAR_ACCESS_TOKEN
honeycomb-old|{alnum:22}|HONEYCOMB_API_KEY
sentry-old|{hex:64}|SENTRY_AUTH_TOKEN
`;

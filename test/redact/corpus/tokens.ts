import { unmarkedTokens } from './unmarked-tokens.ts';
import { vendorSecrets, vendorTokens } from './vendor-tokens.ts';

/**
 * Tokens of services in the shapes that their makers document: kind, template, names under which they are kept.
 * Those with `bare: true` have no mark of their own: only their names tell.
 */
export interface TokenKind {
  readonly kind: string;
  readonly template: string;
  readonly names: readonly string[];
  readonly bare: boolean;
}

const marked = `
github-classic|ghp_{alnum:36}|GITHUB_TOKEN GH_TOKEN githubToken
github-oauth|gho_{alnum:36}|GH_TOKEN oauth_token
github-app|ghs_{alnum:36}|GITHUB_TOKEN installationToken
github-refresh|ghr_{alnum:76}|refresh_token
github-fine|github_pat_{alnum:22}_{alnum:59}|GITHUB_PAT
gitlab-pat|glpat-{url64:20}|GITLAB_TOKEN CI_JOB_TOKEN
gitlab-runner|glrt-{url64:20}|RUNNER_TOKEN
gitlab-trigger|glptt-{hex:40}|TRIGGER_TOKEN
gitlab-feed|glft-{url64:20}|FEED_TOKEN
gitlab-registration|GR1348941{url64:20}|REGISTRATION_TOKEN
gitlab-scim|glsoat-{url64:20}|SCIM_TOKEN
gitlab-agent|glagent-{url64:50}|AGENT_TOKEN
gitlab-job|glcbt-64_{url64:20}|CI_JOB_TOKEN
bitbucket-app|ATBB{alnum:32}|BITBUCKET_APP_PASSWORD
atlassian-api|ATATT3xFfGF0{url64:150-190}={capital:8}|JIRA_API_TOKEN
npm|npm_{alnum:36}|NPM_TOKEN NODE_AUTH_TOKEN
pypi|pypi-AgEIcHlwaS5vcmc{url64:150-180}|PYPI_TOKEN TWINE_PASSWORD
rubygems|rubygems_{hex:48}|GEM_HOST_API_KEY
crates|cio{alnum:32}|CARGO_REGISTRY_TOKEN
nuget|oy2{small:43}|NUGET_API_KEY
clojars|CLOJARS_{small:60}|CLOJARS_PASSWORD
docker-pat|dckr_pat_{url64:27}|DOCKER_TOKEN
docker-org|dckr_oat_{url64:32}|DOCKER_TOKEN
jfrog-api|AKCp{alnum:69}|ARTIFACTORY_API_KEY
jfrog-ref|cmVmdGtu{alnum:56}|JFROG_TOKEN
circleci-pat|CCIPAT_{alnum:22}_{hex:40}|CIRCLE_TOKEN
buildkite|bkua_{hex:40}|BUILDKITE_TOKEN
sonar-user|squ_{hex:40}|SONAR_TOKEN
snyk-sat|snyk_sat.{hex:8}.{url64:60}|SNYK_TOKEN
sourcegraph|sgp_{hex:16}_{hex:40}|SRC_ACCESS_TOKEN
postman|PMAK-{hex:24}-{hex:34}|POSTMAN_API_KEY
octopus|API-{capital:26}|OCTOPUS_API_KEY
pulumi|pul-{hex:40}|PULUMI_ACCESS_TOKEN
doppler|dp.st.dev.{alnum:42}|DOPPLER_TOKEN
infisical|st.{hex:24}.{hex:32}.{hex:32}|INFISICAL_TOKEN
onepassword|ops_eyJ{alnum:300}|OP_SERVICE_ACCOUNT_TOKEN
vault-service|hvs.{url64:24}|VAULT_TOKEN
vault-service-long|hvs.CAESI{url64:90}|VAULT_TOKEN
vault-batch|hvb.AAAAAQ{url64:130}|VAULT_TOKEN
vault-legacy|s.{alnum:24}|VAULT_TOKEN
terraform-cloud|{alnum:14}.atlasv1.{url64:67}|TF_TOKEN_app_terraform_io TFE_TOKEN
linear|lin_api_{alnum:40}|LINEAR_API_KEY
notion|ntn_{digit:11}{alnum:35}|NOTION_TOKEN
notion-old|secret_{alnum:43}|NOTION_API_KEY
airtable|pat{alnum:14}.{hex:64}|AIRTABLE_TOKEN
contentful|CFPAT-{url64:43}|CONTENTFUL_MANAGEMENT_TOKEN
typeform|tfp_{alnum:44}_{alnum:14}|TYPEFORM_TOKEN
figma|figd_{url64:40}|FIGMA_TOKEN
dropbox-short|sl.{url64:130-140}|DROPBOX_TOKEN
dropbox-user|sl.u.{url64:130-140}|DROPBOX_ACCESS_TOKEN
readme|rdme_{small:70}|README_API_KEY
hubspot|pat-na1-{uuid}|HUBSPOT_ACCESS_TOKEN
asana|2/{digit:16}/{digit:16}:{hex:32}|ASANA_TOKEN
anthropic-api|sk-ant-api03-{url64:93}AA|ANTHROPIC_API_KEY
anthropic-admin|sk-ant-admin01-{url64:93}AA|ANTHROPIC_ADMIN_KEY
anthropic-oauth|sk-ant-oat01-{url64:86}AA|CLAUDE_CODE_OAUTH_TOKEN
anthropic-refresh|sk-ant-ort01-{url64:86}AA|refreshToken
anthropic-session|sk-ant-sid01-{url64:86}AA|sessionKey
openai-legacy|sk-{alnum:20}T3BlbkFJ{alnum:20}|OPENAI_API_KEY
openai-project|sk-proj-{url64:74}T3BlbkFJ{url64:74}|OPENAI_API_KEY
openai-service|sk-svcacct-{url64:74}T3BlbkFJ{url64:74}|OPENAI_API_KEY
openai-admin|sk-admin-{url64:74}T3BlbkFJ{url64:74}|OPENAI_ADMIN_KEY
deepseek|sk-{hex:32}|DEEPSEEK_API_KEY
moonshot|sk-{alnum:48}|MOONSHOT_API_KEY
litellm|sk-{url64:22}|LITELLM_KEY
openrouter|sk-or-v1-{hex:64}|OPENROUTER_API_KEY
langfuse|sk-lf-{uuid}|LANGFUSE_SECRET_KEY
huggingface|hf_{alpha:34}|HF_TOKEN HUGGING_FACE_HUB_TOKEN
groq|gsk_{alnum:52}|GROQ_API_KEY
xai|xai-{alnum:80}|XAI_API_KEY
perplexity|pplx-{alnum:48}|PERPLEXITY_API_KEY
replicate|r8_{alnum:37}|REPLICATE_API_TOKEN
fireworks|fw_{alnum:22}|FIREWORKS_API_KEY
cerebras|csk-{small:48}|CEREBRAS_API_KEY
together|tgp_v1_{url64:43}|TOGETHER_API_KEY
langsmith|lsv2_pt_{hex:32}_{hex:10}|LANGSMITH_API_KEY
langsmith-svc|lsv2_sk_{hex:32}_{hex:10}|LANGCHAIN_API_KEY
pinecone|pcsk_{alnum:5}_{alnum:63}|PINECONE_API_KEY
elevenlabs|sk_{hex:48}|ELEVENLABS_API_KEY
tavily|tvly-dev-{alnum:32}|TAVILY_API_KEY
firecrawl|fc-{hex:32}|FIRECRAWL_API_KEY
jina|jina_{hex:32}{url64:28}|JINA_API_KEY
voyage|pa-{url64:43}|VOYAGE_API_KEY
e2b|e2b_{hex:40}|E2B_API_KEY
nvidia|nvapi-{url64:64}|NVIDIA_API_KEY
apify|apify_api_{alnum:36}|APIFY_TOKEN
browserbase|bb_live_{url64:27}|BROWSERBASE_API_KEY
context7|ctx7sk-{uuid}|CONTEXT7_API_KEY
wandb-v1|wandb_v1_{alnum:77}|WANDB_API_KEY
gcp-key|AIza{url64:35}|GOOGLE_API_KEY GEMINI_API_KEY
gcp-oauth-secret|GOCSPX-{url64:28}|client_secret
gcp-access|ya29.{url64:160-200}|access_token
gcp-refresh|1//0{alnum:1}{url64:90-100}|refresh_token
aws-key-id|AKIA{base32:16}|AWS_ACCESS_KEY_ID
aws-temp-id|ASIA{base32:16}|AWS_ACCESS_KEY_ID
aws-session|IQoJb3JpZ2luX2Vj{base64:300-700}|AWS_SESSION_TOKEN
aws-session-old|FwoGZXIvYXdzE{base64:280-400}|AWS_SESSION_TOKEN
aws-bedrock|ABSKQmVkcm9ja0FQSUtleS{base64:90}|AWS_BEARER_TOKEN_BEDROCK
azure-client-secret|{alnum:3}8Q~{url64:34}|AZURE_CLIENT_SECRET
azure-devops|{alnum:52}JQQJ99{alnum:18}AZDO{alnum:4}|AZURE_DEVOPS_PAT
azure-openai-new|{alnum:52}JQQJ99{alnum:8}AC{alnum:14}|AZURE_OPENAI_API_KEY
azure-storage|{base64:76}+ASt{base64:6}==|AZURE_STORAGE_KEY
azure-cosmos|{base64:76}ACDb{base64:6}==|COSMOS_KEY
azure-acr|{alnum:42}+ACR{alnum:6}|ACR_PASSWORD
alibaba-id|LTAI5t{alnum:18}|ALIBABA_CLOUD_ACCESS_KEY_ID
tencent-id|AKID{alnum:32}|TENCENTCLOUD_SECRET_ID
yandex-key|AQVN{url64:36}|YC_API_KEY
yandex-oauth|y0_{url64:55}|YANDEX_TOKEN
cloudflare-user|cfut_{alnum:40}{hex:8}|CLOUDFLARE_API_TOKEN
cloudflare-origin|v1.0-{hex:24}-{hex:146}|CF_ORIGIN_CA_KEY
digitalocean|dop_v1_{hex:64}|DIGITALOCEAN_TOKEN
fly|fm2_lJPE{base64:200}|FLY_API_TOKEN
fly-old|FlyV1 fm2_lJPE{base64:200},fm2_lJPE{base64:90}|FLY_API_TOKEN
vercel|vcp_{alnum:56}|VERCEL_TOKEN
vercel-blob|vercel_blob_rw_{alnum:16}_{alnum:30}|BLOB_READ_WRITE_TOKEN
netlify|nfp_{alnum:36}|NETLIFY_AUTH_TOKEN
heroku-new|HRKU-AA{url64:58}|HEROKU_API_KEY
render|rnd_{alnum:28}|RENDER_API_KEY
neon|napi_{small:64}|NEON_API_KEY
neon-password|npg_{alnum:12}|PGPASSWORD
supabase-pat|sbp_{hex:40}|SUPABASE_ACCESS_TOKEN
supabase-secret|sb_secret_{url64:31}|SUPABASE_SECRET_KEY
planetscale|pscale_tkn_{url64:43}|PLANETSCALE_TOKEN
tailscale|tskey-auth-{alnum:12}CNTRL-{alnum:32}|TS_AUTHKEY
tailscale-api|tskey-api-{alnum:12}CNTRL-{alnum:32}|TAILSCALE_API_KEY
databricks|dapi{hex:32}|DATABRICKS_TOKEN
scaleway-id|SCW{capital:17}|SCW_ACCESS_KEY
turso-jwt|eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJ{url64:80}.{url64:86}|TURSO_AUTH_TOKEN
slack-bot|xoxb-{digit:12}-{digit:13}-{alnum:24}|SLACK_BOT_TOKEN
slack-user|xoxp-{digit:12}-{digit:13}-{digit:13}-{hex:32}|SLACK_TOKEN
slack-app|xapp-1-A{capital:10}-{digit:13}-{hex:64}|SLACK_APP_TOKEN
slack-config|xoxe.xoxp-1-{alnum:163}|SLACK_CONFIG_TOKEN
slack-refresh|xoxe-1-{alnum:147}|SLACK_REFRESH_TOKEN
slack-cookie|xoxd-{alnum:40}%2B{alnum:60}%3D|SLACK_COOKIE
slack-client|xoxc-{digit:12}-{digit:12}-{digit:13}-{hex:64}|SLACK_XOXC_TOKEN
discord-bot|MT{alnum:24}.G{alnum:5}.{url64:38}|DISCORD_TOKEN BOT_TOKEN
telegram|{nonzero:10}:AA{url64:33}|TELEGRAM_BOT_TOKEN
stripe-live|sk_live_51{alnum:97}|STRIPE_SECRET_KEY
stripe-test|sk_test_{alnum:24}|STRIPE_SECRET_KEY
stripe-restricted|rk_live_51{alnum:97}|STRIPE_RESTRICTED_KEY
stripe-webhook|whsec_{alnum:32}|STRIPE_WEBHOOK_SECRET
svix-webhook|whsec_{base64:31}=|WEBHOOK_SECRET
clerk|sk_live_{alnum:42}|CLERK_SECRET_KEY
square|EAAA{url64:60}|SQUARE_ACCESS_TOKEN
square-secret|sq0csp-{url64:43}|SQUARE_SECRET
braintree|access_token$production{usd}{small:16}{usd}{hex:32}|BRAINTREE_TOKEN
plaid|access-production-{uuid}|PLAID_ACCESS_TOKEN
shopify-admin|shpat_{hex:32}|SHOPIFY_ADMIN_TOKEN
shopify-secret|shpss_{hex:32}|SHOPIFY_API_SECRET
razorpay|rzp_live_{alnum:14}|RAZORPAY_KEY_ID
flutterwave|FLWSECK-{hex:32}-X|FLW_SECRET_KEY
paystack|sk_live_{hex:40}|PAYSTACK_SECRET_KEY
mollie|live_{alnum:30}|MOLLIE_API_KEY
adyen|AQE{alnum:5}{base64:120}-{base64:40}=-{base64:20}|ADYEN_API_KEY
sendgrid|SG.{url64:22}.{url64:43}|SENDGRID_API_KEY
mailgun|key-{hex:32}|MAILGUN_API_KEY
mailchimp|{hex:32}-us{digit:2}|MAILCHIMP_API_KEY
brevo|xkeysib-{hex:64}-{alnum:16}|BREVO_API_KEY
resend|re_{alnum:8}_{alnum:24}|RESEND_API_KEY
mailersend|mlsn.{hex:64}|MAILERSEND_API_KEY
twilio-key|SK{hex:32}|TWILIO_API_KEY
newrelic-user|NRAK-{capital:27}|NEW_RELIC_API_KEY
newrelic-license|{hex:36}NRAL|NEW_RELIC_LICENSE_KEY
newrelic-license-eu|eu01xx{hex:30}NRAL|NEW_RELIC_LICENSE_KEY
sentry-user|sntryu_{hex:64}|SENTRY_AUTH_TOKEN
sentry-org|sntrys_eyJ{alnum:120}_{base64:43}|SENTRY_AUTH_TOKEN
grafana-sa|glsa_{alnum:32}_{hex:8}|GRAFANA_TOKEN
grafana-cloud|glc_eyJ{base64:120}=|GRAFANA_CLOUD_TOKEN
grafana-old|eyJrIjoi{alnum:90}|GRAFANA_API_KEY
posthog|phx_{alnum:43}|POSTHOG_PERSONAL_API_KEY
honeycomb|hcaik_{small:58}|HONEYCOMB_API_KEY
dynatrace|dt0c01.{capital:24}.{capital:64}|DT_API_TOKEN
facebook|EAA{alnum:160}|FB_ACCESS_TOKEN
instagram|IGQ{url64:140}|INSTAGRAM_TOKEN
mapbox-secret|sk.eyJ{alnum:80}.{url64:22}|MAPBOX_SECRET_TOKEN
launchdarkly|sdk-{uuid}|LD_SDK_KEY
launchdarkly-api|api-{uuid}|LD_API_KEY
statsig|secret-{alnum:43}|STATSIG_SECRET
segment|sgp_{alnum:64}|SEGMENT_TOKEN
duffel|duffel_live_{url64:43}|DUFFEL_TOKEN
easypost|EZAK{alnum:54}|EASYPOST_API_KEY
shippo|shippo_live_{hex:40}|SHIPPO_TOKEN
lob|live_{hex:35}|LOB_API_KEY
intercom|dG9rO{base64:52}=|INTERCOM_TOKEN
fcm-server|AAAA{alnum:7}:APA91b{url64:134}|FCM_SERVER_KEY
twitter-bearer|AAAAAAAAAAAAAAAAAAAAA{alnum:25}%3D{alnum:45}|TWITTER_BEARER_TOKEN
trigger|tr_prod_{alnum:24}|TRIGGER_SECRET_KEY
inngest|signkey-prod-{hex:64}|INNGEST_SIGNING_KEY
liveblocks|sk_prod_{url64:64}|LIVEBLOCKS_SECRET_KEY
knock|sk_{url64:43}|KNOCK_API_KEY
workos|sk_live_{alnum:40}|WORKOS_API_KEY
age|AGE-SECRET-KEY-1{capital:58}|SOPS_AGE_KEY
xprv|xprv9s21ZrQH143K{base58:95}|MASTER_XPRV
prefect|pnu_{alnum:36}|PREFECT_API_KEY
salesforce|00D{alnum:12}!{alnum:96}|SF_ACCESS_TOKEN
zuplo|zpka_{small:32}_{hex:8}|ZUPLO_KEY
jwt|eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOi{url64:90}.{url64:43}|AUTH_TOKEN JWT id_token
nomad-swarm|SWMTKN-1-{small:50}-{small:25}|SWARM_TOKEN
mongodb-atlas-sa|mdb_sa_sk_{url64:40}|MONGODB_ATLAS_CLIENT_SECRET
retool|retool_{small:26}|RETOOL_TOKEN
convex|prod:{word}-{word}-{digit:3}|{base64:80}|CONVEX_DEPLOY_KEY
chromatic|chpt_{hex:16}|CHROMATIC_PROJECT_TOKEN
gitea-actions|gta_{hex:40}|GITEA_TOKEN
`;

function parse(table: string, isBare: boolean): readonly TokenKind[] {
  return table
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const first = line.indexOf('|');
      const last = line.lastIndexOf('|');
      return {
        kind: line.slice(0, first),
        template: line.slice(first + 1, last),
        names: line.slice(last + 1).split(' '),
        bare: isBare,
      };
    });
}

export const tokenKinds: readonly TokenKind[] = [
  ...parse(marked + vendorTokens, false),
  ...parse(unmarkedTokens + vendorSecrets, true),
];

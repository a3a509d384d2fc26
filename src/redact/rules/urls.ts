import { isPlaceholder } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { bytesLook, userinfoLook } from '../looks.ts';
import { shape } from './fixed.ts';
import { nothing, type Rule, rank } from './rule.ts';

/** Passwords that stand in every manual, and mean nobody. */
const manual =
  /^(?:pass(?:word|wd)?|pwd|p|pw|xyz|abc|123|secret|user(?:name)?|postgres|root|admin|guest|test|token|pw|mysql|redis|mongo|changeit|key|x-oauth-basic|x-token-auth|oauth2?|[a-z]{0,8}(?:pass|password|secret|pwd)[a-z]{0,8})$/i;

/** User and password before the host: the last `@` of the authority counts, for a password may hold one. */
const userinfo =
  /:\/\/([^\s:/@"'<>`\\[]{0,200}(?:@[\w.-]{1,60})?):((?:(?!:\/\/)[^\s"'<>`\\]){1,300})@(?=[A-Za-z0-9[_.$-])/y;
const userOnly = /:\/\/([^\s:/@"'<>`\\]{20,300})(?::x-oauth-basic|:)?@(?=[A-Za-z0-9[])/y;

const credentials: Rule = {
  name: 'url-password',
  triggers: ['://', ':\\/\\/'],
  likely: userinfoLook,
  reach: 700,
  rank: rank.structure,
  facts: userinfo.source + userOnly.source,
  find(view, from) {
    userOnly.lastIndex = from;
    const only = userOnly.exec(view.text);
    if (only !== null) {
      const user = only[1] as string;
      return isRandom(user, 20) && !isPlaceholder(user) ? [{ from: from + 3, to: from + 3 + user.length }] : nothing;
    }
    userinfo.lastIndex = from;
    const match = userinfo.exec(view.text);
    if (match === null) return nothing;
    const user = match[1] as string;
    const password = authorityPassword(match[2] as string);
    if (password === undefined || isPlaceholder(password) || manual.test(password) || password === user) return nothing;
    const start = from + 3 + user.length + 1;
    const host = view.text.slice(start + password.length, start + password.length + 80);
    if (/^@(?:[\w-]+\.){0,3}example\.(?:com|org|net)\b/.test(host) && !/\d.*\d/.test(password)) return nothing;
    return [{ from: start, to: start + password.length }];
  },
};

/** Without the `@` of a path behind a port (`host:8080/@scope`) or of a second URL. */
function authorityPassword(text: string): string | undefined {
  const slash = text.search(/[/?#]/);
  if (slash < 0) return text;
  const authority = text.slice(0, slash);
  const at = authority.lastIndexOf('@');
  if (at >= 0) return authority.slice(0, at);
  return /^\d{0,5}$/.test(authority) || text.includes('://') || text.includes(',') ? undefined : text;
}

/** Addresses that are themselves the secret: who knows one may post. */
export const urls: readonly Rule[] = [
  credentials,
  shape(
    'slack-webhook',
    ['hooks.slack.com/'],
    'hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/+-]{20,200})',
    { valid: notPlaceholder, rank: rank.token },
  ),
  shape('discord-webhook', ['/api/webhooks/'], '/api/webhooks/(\\d{15,20}/[A-Za-z0-9_-]{40,100})', {
    valid: notPlaceholder,
    rank: rank.token,
  }),
  shape(
    'teams-webhook',
    ['webhook.office.com/', 'outlook.office.com/webhook'],
    '(?:webhook|outlook)\\.office\\.com/webhook(?:b2)?/([A-Za-z0-9@_./-]{60,300})',
    { valid: notPlaceholder, rank: rank.token },
  ),
  shape(
    'zapier-webhook',
    ['hooks.zapier.com/hooks/catch/'],
    'hooks\\.zapier\\.com/hooks/catch/(\\d{4,12}/[A-Za-z0-9]{5,20})',
    { rank: rank.token },
  ),
  shape(
    'webhook-url',
    [
      'hook.eu1.make.com/',
      'hook.eu2.make.com/',
      'hook.us1.make.com/',
      'hook.us2.make.com/',
      'hook.integromat.com/',
      'maker.ifttt.com/trigger/',
      'hook.us1.make.celonis.com/',
      'open.feishu.cn/open-apis/bot/v2/hook/',
      'open.larksuite.com/open-apis/bot/v2/hook/',
      'qyapi.weixin.qq.com/cgi-bin/webhook/send?key=',
      'events.pagerduty.com/integration/',
      'hc-ping.com/',
      'conda.anaconda.org/t/',
    ],
    '[a-z0-9.-]{8,30}(?:/(?:trigger|open-apis|cgi-bin|integration|t)[a-zA-Z0-9/_.-]{0,60}?)?(?:/|\\?key=)([A-Za-z0-9_-]{16,60})(?![A-Za-z0-9_-])',
    { valid: (secret) => /\d/.test(secret), rank: rank.token },
  ),
  shape('webhook-url', ['/hooks/'], '/hooks/((?:[A-Za-z0-9]{17}/)?[A-Za-z0-9]{24,60})(?![A-Za-z0-9/_.-])', {
    valid: (secret) => isRandom(secret) && notPlaceholder(secret),
    rank: rank.token,
  }),
  shape(
    'url-token',
    [
      'reset-password/',
      'reset_password/',
      'password/reset/',
      'password-reset/',
      'verify-email/',
      'magic-link/',
      '?code=',
      '&code=',
    ],
    '(?:[a-z_/-]{8,16}/|[?&]code=)([A-Za-z0-9_%.~-]{20,2000})(?![A-Za-z0-9_-])',
    { valid: (secret) => isRandom(secret, 20) && notPlaceholder(secret) },
  ),
  shape(
    'saml-assertion',
    ['samlresponse', 'samlassertion'],
    'SAML(?:Response|Assertion)["\']?(?: value)?\\s{0,2}[:=]\\s{0,2}["\']?([A-Za-z0-9+/=%]{100,20000})',
    {
      reach: 20_400,
    },
  ),
  shape('url-key', ['?appid=', '&appid='], '[?&][Aa][Pp][Pp][Ii][Dd]=([0-9a-f]{32})(?![0-9a-f])'),
  shape(
    'rpc-key',
    [
      '.infura.io/v3/',
      '.infura.io/ws/v3/',
      '.alchemy.com/v2/',
      '.alchemyapi.io/v2/',
      '.quiknode.pro/',
      'rpc.ankr.com/',
    ],
    '[a-z.]{6,20}/(?:ws/)?(?:v\\d/|[a-z_]{3,20}/)?([A-Za-z0-9_-]{24,64})',
    { valid: (secret) => isRandom(secret) && notPlaceholder(secret), rank: rank.token },
  ),
  shape('telegram-token', [':aa'], '(?<=^|[^A-Za-z0-9]|bot)(\\d{7,11}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])', {
    lead: '0-9',
    back: 11,
    likely: bytesLook([
      { at: -1, is: '0-9' },
      { at: 1, is: 'A' },
      { at: 2, is: 'A' },
    ]),
    rank: rank.token,
  }),
  shape('otpauth', ['otpauth://'], 'otpauth://[^\\s"\'<>]{0,200}?[?&]secret=([A-Za-z2-7%=]{8,200})', {
    rank: rank.token,
  }),
];

function notPlaceholder(secret: string): boolean {
  return !isPlaceholder(secret) && /\d/.test(secret);
}

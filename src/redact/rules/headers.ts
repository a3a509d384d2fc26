import { isPlaceholder, isUuid } from '../allow.ts';
import { isRandom } from '../entropy.ts';
import { bytesLook, tokenBehind } from '../looks.ts';
import { shape } from './fixed.ts';
import { nothing, type Rule, rank, type Span } from './rule.ts';

/** What a request carries to say who sends it. */
export const headers: readonly Rule[] = [
  shape(
    'url-signature',
    ['x-amz-signature=', '&signature=', '?signature=', 'x-goog-signature=', ', signature='],
    `[?&, A-Za-z-]{0,12}[Ss]ignature=([A-Za-z0-9%+/_~-]{20,700})`,
    { valid: (secret) => isRandom(secret) },
  ),
  shape(
    'session-cookie',
    ['phpsessid=', 'jsessionid=', 'sessionid=', 'session=', 'connect.sid=', 'sid='],
    `(?:[A-Za-z.]{0,9}[Ss][Ee][Ss][Ss](?:[Ii][Oo][Nn])?(?:[Ii][Dd])?|(?:connect\\.)?sid)=([A-Za-z0-9%._+/=-]{20,4096})`,
    {
      valid: (secret) =>
        !isUuid(secret) &&
        ((!isPlaceholder(secret) &&
          /\d.{0,40}\d/.test(secret) &&
          !/^[a-z]+(?:[-_.][a-z0-9]+)*$/i.test(secret.slice(0, 200))) ||
          isRandom(secret)),
    },
  ),
  shape('basic-auth', ['basic '], '(?:[Bb]asic|BASIC)\\s{1,4}([A-Za-z0-9+/_-]{8,400}={0,2})(?![A-Za-z0-9+/=])', {
    valid: (secret) => {
      const text = Buffer.from(secret, 'base64').toString('latin1');
      return /^[\x20-\x7e]+$/.test(text) && text.includes(':') && !isPlaceholder(text);
    },
  }),
  shape(
    'bearer-token',
    ['bearer '],
    '(?:[Bb]earer|BEARER)\\s{1,4}(?:["\'`] \\+ ["\'`])?([A-Za-z0-9_~+/.=-]{12,4096})',
    {
      likely: tokenBehind(12),
      valid: (secret) => !isPlaceholder(secret) && isRandom(secret, 16),
    },
  ),
  cookie(),
];

/** Cookies that carry a session, by name; the others of the header stay. */
function cookie(): Rule {
  const header = /cookie["'`]?[ \t]{0,4}[:=,][ \t"'`]{0,6}/iy;
  const pair = /([^\s=;"']{1,80})=([^\s;"'`,]{1,4096})(?:;[ \t]{0,4}|$|(?=["'`\s,]))/y;
  const named =
    /sess|sid|auth|token|jwt|remember|csrf|xsrf|login|user|identity|aspx|cf_clearance|^(?:li_at|ct0|xs|datr)$|^_?[a-z]{1,4}id$/i;
  return {
    name: 'session-cookie',
    triggers: ['cookie'],
    likely: bytesLook(...[':', '"', '\\', "'", '='].map((is) => [{ behind: 0, is }])),
    reach: 1200,
    rank: rank.structure,
    facts: header.source + pair.source + named.source,
    find(view, from) {
      header.lastIndex = from;
      const head = header.exec(view.text);
      // A name within the header of another cookie.
      if (head === null || /;[ \t]{0,2}$/.test(view.text.slice(Math.max(0, from - 3), from))) return nothing;
      const spans: Span[] = [];
      pair.lastIndex = from + head[0].length;
      for (let match = pair.exec(view.text); match !== null; match = pair.exec(view.text)) {
        const value = match[2] as string;
        const start = match.index + (match[1] as string).length + 1;
        if (named.test(match[1] as string) && isRandom(value, 14) && !isPlaceholder(value))
          spans.push({ from: start, to: start + value.length });
      }
      return spans;
    },
  };
}

import { isRandom } from '../entropy.ts';
import { bytesLook, exactLook, tokenBehind } from '../looks.ts';
import { isRun } from '../raw.ts';
import { shape } from './fixed.ts';
import { type Rule, rank } from './rule.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const alone = '(?<![A-Za-z0-9])';
const closed = '(?![A-Za-z0-9])';
const digit = '0-9';

/** What Azure writes into the keys of its services, by which they are told. */
const signatures = '+ASt ACDb +ACR +ASb +AEh +ARm +AMC +ABa AzFu AzSe AzCa AIoT AZEG APIM'.split(' ');

/** Tokens whose telling mark stands in their middle, or whose prefix is too common to be looked at each time. */
export const bare: readonly Rule[] = [
  shape(
    'azure-client-secret',
    ['7q~', '8q~', '9q~'],
    '(?<![A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[789]Q~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~-])',
    { lead: 'A-Za-z0-9_~.-', back: 3, rank: rank.token },
  ),
  shape('azure-devops-token', ['azdo'], `${alone}([A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{14,20}AZDO[A-Za-z0-9]{4})${closed}`, {
    lead: 'A-Za-z0-9',
    rank: rank.token,
  }),
  shape('azure-key', ['jqqj9'], `${alone}([A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{9,27})${closed}`, {
    lead: 'A-Za-z0-9',
    rank: rank.token,
  }),
  shape(
    'azure-key',
    signatures.map((signature) => signature.toLowerCase()),
    `(?<![A-Za-z0-9+/_-])([A-Za-z0-9+/_-]{32,76}(?:${signatures.join('|').replaceAll('+', '\\+')})[A-Za-z0-9+/_-]{5,14}={0,2})(?![A-Za-z0-9+/=])`,
    { lead: 'A-Za-z0-9+/_-', rank: rank.token, likely: exactLook(signatures) },
  ),
  shape('terraform-token', ['.atlasv1.'], `${alone}([A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,80})`, {
    lead: 'A-Za-z0-9',
    back: 14,
    rank: rank.token,
  }),
  shape(
    'asana-token',
    ['0/', '1/', '2/'],
    `(?<![A-Za-z0-9/.])([0-2]/\\d{10,20}(?:/\\d{10,20})?:[0-9a-f]{32})${closed}`,
    {
      rank: rank.token,
      likely: bytesLook([
        { behind: 0, is: digit },
        { behind: 4, is: digit },
        { behind: 9, is: digit },
      ]),
    },
  ),
  shape('mailchimp-key', ['-us'], `${alone}([0-9a-f]{32}-us\\d{1,2})${closed}`, {
    lead: '0-9a-f',
    back: 32,
    rank: rank.token,
    likely: bytesLook([{ behind: 0, is: digit }]),
  }),
  shape('salesforce-token', ['00d'], `${alone}(00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{80,120})`, {
    rank: rank.token,
    likely: bytesLook([{ at: 15, is: '!' }], [{ at: 18, is: '!' }]),
  }),
  shape(
    'discord-token',
    ['.g', '.h', '.x', '.y', '.z'],
    '(?<![A-Za-z0-9_.-])([MNO][A-Za-z0-9_-]{23,27}\\.[GHXYZ][A-Za-z0-9_-]{5}\\.[A-Za-z0-9_-]{27,40})(?![A-Za-z0-9_-])',
    {
      lead: 'A-Za-z0-9_-',
      back: 28,
      rank: rank.token,
      likely: bytesLook(
        ...[24, 25, 26, 27, 28].map((back) => [
          { behind: 5, is: '.' },
          { at: -back, is: 'M-O' },
        ]),
      ),
    },
  ),
  shape('airtable-token', ['pat'], `${alone}(pat[A-Za-z0-9]{14}\\.[0-9a-f]{64})${closed}`, {
    rank: rank.token,
    likely: bytesLook([{ at: 17, is: '.' }, ...[3, 8, 12, 16].map((at) => ({ at, is: '0-z' }))]),
  }),
  shape('launchdarkly-key', ['sdk-', 'api-', 'mob-'], `${alone}((?:sdk|api|mob)-${uuid})${closed}`, {
    rank: rank.token,
    likely: bytesLook([
      { at: 12, is: '-' },
      { at: 17, is: '-' },
    ]),
  }),
  shape('newrelic-key', ['nral'], `${alone}((?:eu01xx)?[0-9a-f]{30,36}NRAL)${closed}`, {
    lead: 'A-Za-z0-9',
    back: 40,
    rank: rank.token,
    likely: (raw, from) => isRun(raw[from - 1]) && isRun(raw[from - 30]),
  }),
  // A word within that says what it is: `acme_sk_...`, `acme_live_secret_...`.
  shape(
    'marked-token',
    ['_sk_', '_pat_', '_secret_', '_apikey_', '_token_', '_oat_', 'sk_live_', 'sk_prod_', '_key_'],
    `(?<![A-Za-z0-9_-])([a-z][a-z0-9]{0,15}(?:_[a-z0-9]{1,8}){0,2}_(?:sk|pat|secret|apikey|token|oat|key|live|prod)_[A-Za-z0-9_-]{20,200})(?![A-Za-z0-9_-])`,
    {
      lead: 'a-z0-9_',
      back: 40,
      rank: rank.structure,
      likely: tokenBehind(16),
      valid: (secret) => isRandom(secret.replace(/^.*_/, ''), 20),
    },
  ),
  // Its prefix of twenty A stands at every byte of an empty image: the `%3D` in its middle does not.
  shape('twitter-token', ['%3d'], `${alone}(A{19,24}[A-Za-z0-9%]{16,60}%3D[A-Za-z0-9%]{40,90})`, {
    lead: 'A-Za-z0-9%',
    back: 84,
    rank: rank.token,
    // The run of A ends sixteen to sixty characters before: one of these is in it.
    likely: bytesLook(...[-35, -54, -73].map((at) => [{ at, is: 'A' }])),
  }),
];

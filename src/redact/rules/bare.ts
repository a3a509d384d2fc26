import { shape } from './fixed.ts';
import { type Rule, rank } from './rule.ts';

/** Tokens whose mark stands in their middle. */
export const bare: readonly Rule[] = [
  shape(
    'azure-client-secret',
    ['7q~', '8q~', '9q~'],
    '(?<![A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[789]Q~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~-])',
    { back: 4, rank: rank.token },
  ),
  shape(
    'azure-devops-token',
    ['azdo'],
    '(?<![A-Za-z0-9])([A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{14,20}AZDO[A-Za-z0-9]{4})(?![A-Za-z0-9])',
    { back: 96, rank: rank.token },
  ),
  shape('azure-key', ['jqqj9'], '(?<![A-Za-z0-9])([A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{9,27})(?![A-Za-z0-9])', {
    back: 56,
    rank: rank.token,
  }),
  shape(
    'azure-key',
    ['+ast', 'acdb', '+acr', '+asb', '+aeh'],
    '(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{32,76}(?:\\+ASt|ACDb|\\+ACR|\\+ASb|\\+AEh)[A-Za-z0-9+/]{5,6}={0,2})(?![A-Za-z0-9+/=])',
    { back: 80, rank: rank.token },
  ),
  shape('terraform-token', ['.atlasv1.'], '(?<![A-Za-z0-9])([A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,80})', {
    back: 16,
    rank: rank.token,
  }),
  shape('asana-token', ['/1'], '(?<![A-Za-z0-9/.])([0-2]/\\d{10,20}(?:/\\d{10,20})?:[0-9a-f]{32})(?![A-Za-z0-9])', {
    back: 20,
    rank: rank.token,
    likely: (raw, from) =>
      isDigit(raw[from - 1]) && isDigit(raw[from + 2]) && isDigit(raw[from + 3]) && isDigit(raw[from + 4]),
  }),
  shape('mailchimp-key', ['-us'], '(?<![A-Za-z0-9])([0-9a-f]{32}-us\\d{1,2})(?![A-Za-z0-9])', {
    back: 34,
    rank: rank.token,
    likely: (raw, from, to) => isDigit(raw[to]) && raw[from - 32] !== undefined,
  }),
  shape('salesforce-token', ['00d'], '(?<![A-Za-z0-9])(00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{80,120})', {
    rank: rank.token,
    likely: (raw, from) => raw[from + 15] === 0x21 || raw[from + 18] === 0x21,
  }),
  shape(
    'discord-token',
    ['.g', '.y', '.x'],
    '(?<![A-Za-z0-9_.-])([MNO][A-Za-z0-9_-]{23,27}\\.[GXY][A-Za-z0-9_-]{5}\\.[A-Za-z0-9_-]{27,40})(?![A-Za-z0-9_-])',
    {
      back: 30,
      rank: rank.token,
      likely: (raw, _from, to) => raw[to + 5] === 0x2e,
    },
  ),
];

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

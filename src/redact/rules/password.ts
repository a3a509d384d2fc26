import { isPlaceholder } from '../allow.ts';

/** Where a password stands for certain: no placeholder, no variable, no mere word or number. */
export function isPassword(secret: string): boolean {
  return (
    !isPlaceholder(secret) &&
    !/^(?:secret|pass(?:word|wd)?|pwd)$/i.test(secret) &&
    !/^(?:\d+|[$%@(-].*|[A-Z]?[a-z]+|[A-Z]+)$/.test(secret) &&
    !secret.includes('\u0001')
  );
}

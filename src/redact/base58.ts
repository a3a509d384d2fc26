import { createHash } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Version byte, 32 bytes of key, a flag for a compressed public key where there is one, and the checksum. */
const sizes = [37, 38];

/** A private key in wallet import format (base58 with a double SHA-256 as checksum; Bitcoin and its kin). */
export function isWalletKey(text: string): boolean {
  if (text.length < 50 || text.length > 52 || !/^[59KLcTQ6]/.test(text)) return false;
  let number = 0n;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return false;
    number = number * 58n + BigInt(value);
  }
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  if (!sizes.includes(bytes.length)) return false;
  const hash = sha256(sha256(bytes.subarray(0, -4)));
  return hash.subarray(0, 4).equals(bytes.subarray(-4));
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

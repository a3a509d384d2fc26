/** Words that are looked for at one place. */
import { byteAt, isLetter } from './characters';

/** Words in order of their first letter, longer ones before their beginnings, each with a space behind it: where those of each letter begin, then the text. */
export function listOf(words: string): usize {
  const list = heap.alloc(26 + words.length + 1);
  memory.fill(list, 0, 26 + words.length + 1);
  for (let i = words.length - 1; i >= 0; i--) {
    const character = words.charCodeAt(i);
    store<u8>(list + 26 + i, character);
    if (character != 0x20 && (i == 0 || words.charCodeAt(i - 1) == 0x20)) store<u8>(list + character - 0x61, 26 + i);
  }
  return list;
}

/** Bytes of the first word of the list that stands at `at`, in either case; 0 where none does. */
export function standsOne(list: usize, at: usize): u32 {
  const first = byteAt(at) | 0x20;
  if (!isLetter(first)) return 0;
  const start = byteAt(list + first - 0x61);
  if (start == 0) return 0;
  for (let word = list + start; byteAt(word) == first; ) {
    let length: u32 = 0;
    while (byteAt(word + length) != 0x20 && byteAt(word + length) == lower(byteAt(at + length))) length++;
    if (byteAt(word + length) == 0x20) return length;
    while (byteAt(word) != 0x20) word++;
    word++;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function lower(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte | 0x20 : byte;
}

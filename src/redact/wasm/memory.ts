/** Where five bytes may be part of a known secret. */

/** Two bits for each known hash. */
export let filter: usize = 0;
let filterBits: u32 = 0;
let room: u32 = 0;

/** Makes the filter one of `1 << bits` bits. */
export function resize(bits: u32): void {
  filterBits = bits;
  if (bits <= room) return;
  room = bits;
  filter = heap.alloc(1 << (bits - 3));
}

/** The bit of a slot is the lowest of what is given. */
// @ts-ignore: decorator
@inline
function bitOf(bits: usize, slot: u32): u32 {
  return load<u32>(bits + ((slot >> 5) << 2)) >> (slot & 31);
}

/**
 * Writes every fourth offset from `from` whose five bytes have a hash that the filter knows, and that hash. Returns the
 * end of what was written. Up to three offsets behind the last are read as well.
 */
export function searchHashes(from: usize, size: u32, factor: u32, other: u32, places: usize): usize {
  const bits = filter;
  const shift = 32 - filterBits;
  const factors = i32x4.splat(factor);
  const others = i32x4.splat(other);
  const low = i32x4.splat(0xff);
  let written = places;
  for (let i: u32 = 0; i < size; i += 16) {
    const words = i32x4.mul(v128.load(from + i), factors);
    const hashes = i32x4.mul(v128.xor(words, v128.and(v128.load(from + i, 4), low)), others);
    const slots = i32x4.shr_u(hashes, shift);
    const first = bitOf(bits, i32x4.extract_lane(slots, 0));
    const second = bitOf(bits, i32x4.extract_lane(slots, 1));
    const third = bitOf(bits, i32x4.extract_lane(slots, 2));
    const fourth = bitOf(bits, i32x4.extract_lane(slots, 3));
    // One branch for all four.
    if (((first | second | third | fourth) & 1) == 0) continue;
    if ((first & 1) != 0) written = note(written, i, i32x4.extract_lane(hashes, 0));
    if ((second & 1) != 0) written = note(written, i + 4, i32x4.extract_lane(hashes, 1));
    if ((third & 1) != 0) written = note(written, i + 8, i32x4.extract_lane(hashes, 2));
    if ((fourth & 1) != 0) written = note(written, i + 12, i32x4.extract_lane(hashes, 3));
  }
  return written;
}

function note(written: usize, at: u32, hash: u32): usize {
  if ((bitOf(filter, (hash * 0x9e3779b1) >> (32 - filterBits)) & 1) == 0) return written;
  store<u32>(written, at);
  store<u32>(written, hash, 4);
  return written + 8;
}

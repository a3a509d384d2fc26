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

// @ts-ignore: decorator
@inline
function isSet(slot: u32): bool {
  return ((load<u8>(filter + (slot >> 3)) >> (slot & 7)) & 1) != 0;
}

/**
 * Writes every fourth offset from `from` whose five bytes have a hash that the filter knows, and that hash. Returns the
 * end of what was written.
 */
export function searchHashes(from: usize, size: u32, first: u32, second: u32, places: usize): usize {
  const shift = 32 - filterBits;
  let written = places;
  for (let i: u32 = 0; i < size; i += 4) {
    const hash = ((load<u32>(from + i) * first) ^ load<u8>(from + i, 4)) * second;
    if (isSet(hash >> shift) && isSet((hash * 0x9e3779b1) >> shift)) {
      store<u32>(written, i);
      store<u32>(written, hash, 4);
      written += 8;
    }
  }
  return written;
}

/** Where five bytes may be part of a known secret. */

/** A bit for each of the upper bits that a hash may have. */
export const filter = memory.data(1 << 16);
const slotShift: u32 = 32 - 19;

/**
 * Writes every fourth offset from `from` whose five bytes have a hash that the filter knows, and that hash. Returns the
 * end of what was written.
 */
export function searchHashes(from: usize, size: u32, first: u32, second: u32, places: usize): usize {
  let written = places;
  for (let i: u32 = 0; i < size; i += 4) {
    const hash = ((load<u32>(from + i) * first) ^ load<u8>(from + i, 4)) * second;
    const slot = hash >> slotShift;
    if ((load<u32>(filter + ((slot >> 5) << 2)) >> (slot & 31)) & 1) {
      store<u32>(written, i);
      store<u32>(written, hash, 4);
      written += 8;
    }
  }
  return written;
}

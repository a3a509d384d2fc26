import { byteAt } from './characters';

/**
 * Aho-Corasick over bytes, case-folded: one look-up a byte, whatever the number of words. Bytes that stand in no
 * word share one column of the table.
 */
const classes = memory.data(256);
let table: usize = 0;
/** Bits of a state's row: the table's offset of state `s` is `s << rowBits`. */
let rowBits: u32 = 0;
/** States from here on have a word that ends in them. */
let accepting: u32 = 0;
/** For each of those: the word, and the next such state among its suffixes, both plus one. */
let ending: usize = 0;
let next: usize = 0;
let lengths: usize = 0;

/** So long words and no longer ones: what stands before a window. */
export let longest: u32 = 0;

/** `words` are latin1 without capitals, each behind its length in two bytes; `size` is all of it. */
export function compile(words: usize, size: u32): void {
  const columns = classify(words, size);
  const stride: u32 = 1 << (32 - clz(columns - 1));
  rowBits = ctz(stride) + 1;
  const rows = heap.alloc(size << rowBits);
  memory.fill(rows, 0, size << rowBits);
  const own = numbers(size);
  lengths = numbers(size);
  let count: u32 = 1;
  let word: u32 = 0;
  for (let at = words; at < words + size; ) {
    const length: u32 = load<u16>(at);
    const end = at + 2 + length;
    let node: u32 = 0;
    for (at += 2; at < end; at++) {
      const move = moveOf(rows, node, <u32>load<u8>(classes + byteAt(at)));
      if (load<u16>(move) == 0) store<u16>(move, count++);
      node = load<u16>(move);
    }
    store<u16>(own + (node << 1), ++word);
    store<u16>(lengths + (word << 1), length);
  }
  link(rows, own, count, columns);
}

/** Completes every node's moves from those of its longest proper suffix, and numbers the nodes anew. */
function link(rows: usize, own: usize, count: u32, columns: u32): void {
  const suffixes = numbers(count);
  const order = numbers(count);
  const chained = numbers(count);
  let known: u32 = 1;
  let plain: u32 = 0;
  for (let head: u32 = 0; head < known; head++) {
    const node = at16(order, head);
    const suffix = at16(suffixes, node);
    // The nearest suffix in which a word ends.
    store<u16>(chained + (node << 1), at16(own, suffix) != 0 ? suffix : at16(chained, suffix));
    if (at16(own, node) == 0 && at16(chained, node) == 0) plain++;
    for (let column: u32 = 1; column < columns; column++) {
      const move = moveOf(rows, node, column);
      const child = load<u16>(move);
      const other: u32 = node == 0 ? 0 : load<u16>(moveOf(rows, suffix, column));
      if (child == 0) store<u16>(move, other);
      else {
        store<u16>(suffixes + (<u32>child << 1), other);
        store<u16>(order + (known++ << 1), child);
      }
    }
  }
  accepting = plain;
  table = heap.alloc(count << rowBits);
  ending = numbers(count - plain);
  next = numbers(count - plain);
  const states = numbers(count);
  let quiet: u32 = 0;
  let telling: u32 = plain;
  for (let i: u32 = 0; i < count; i++) {
    const node = at16(order, i);
    const tells = at16(own, node) != 0 || at16(chained, node) != 0;
    store<u16>(states + (node << 1), tells ? telling++ : quiet++);
  }
  for (let node: u32 = 0; node < count; node++) {
    const state = at16(states, node);
    for (let column: u32 = 0; column < columns; column++)
      store<u16>(table + (state << rowBits) + (column << 1), at16(states, load<u16>(moveOf(rows, node, column))));
    if (state < plain) continue;
    const chain = at16(chained, node);
    store<u16>(ending + ((state - plain) << 1), at16(own, node));
    if (chain != 0) store<u16>(next + ((state - plain) << 1), at16(states, chain) - plain + 1);
  }
}

/** Gives every byte of the words a column of its own; those of a letter in either case are one. Returns the columns. */
function classify(words: usize, size: u32): u32 {
  let columns: u32 = 1;
  for (let at = words; at < words + size; ) {
    const length: u32 = load<u16>(at);
    if (length > longest) longest = length;
    const end = at + 2 + length;
    for (at += 2; at < end; at++) {
      const column = classes + byteAt(at);
      if (load<u8>(column) == 0) store<u8>(column, columns++);
      if (byteAt(at) - 0x61 < 26) store<u8>(column - 0x20, load<u8>(column));
    }
  }
  return columns;
}

function numbers(count: u32): usize {
  const at = heap.alloc(count << 1);
  memory.fill(at, 0, count << 1);
  return at;
}

// @ts-ignore: decorator
@inline
function at16(array: usize, index: u32): u32 {
  return load<u16>(array + (index << 1));
}

// @ts-ignore: decorator
@inline
function moveOf(rows: usize, node: u32, column: u32): usize {
  return rows + (node << rowBits) + (column << 1);
}

/** Bytes of word `word`, counted from one. */
export function lengthOf(word: u32): u32 {
  return at16(lengths, word);
}

/** The first link of the chain of words that end in `state`. */
// @ts-ignore: decorator
@inline
export function chainOf(state: u32): u32 {
  return state - accepting + 1;
}

// @ts-ignore: decorator
@inline
export function wordOf(link: u32): u32 {
  return at16(ending, link - 1);
}

// @ts-ignore: decorator
@inline
export function linkBehind(link: u32): u32 {
  return at16(next, link - 1);
}

// @ts-ignore: decorator
@inline
function step(rows: usize, bits: u32, state: u32, at: usize): u32 {
  return load<u16>(rows + (state << bits) + (<u32>load<u8>(classes + byteAt(at)) << 1));
}

/** Whether a word ends in `state`. */
// @ts-ignore: decorator
@inline
export function tells(state: u32): bool {
  return state >= accepting;
}

/** The state behind the byte at `at`. */
export function stateBehind(state: u32, at: usize): u32 {
  return step(table, rowBits, state, at);
}

/**
 * Reads four stretches of `size` bytes that begin `apart` at once: a look-up waits only for the one before it in its own
 * lane. Writes where words end in each to its own list, `room` bytes behind the one before: the offset behind the
 * word from where its lane began, shifted by 16, and the state; zero ends a list.
 */
export function readLanes(from: usize, apart: u32, size: u32, hits: usize, room: u32): void {
  let a: u32 = 0;
  let b: u32 = 0;
  let c: u32 = 0;
  let d: u32 = 0;
  let hitsA = hits;
  let hitsB = hits + room;
  let hitsC = hitsB + room;
  let hitsD = hitsC + room;
  // Globals are read anew wherever they are named.
  const rows = table;
  const bits = rowBits;
  const last = accepting - 1;
  for (let i: u32 = 0; i < size; i++) {
    const at = from + i;
    a = step(rows, bits, a, at);
    b = step(rows, bits, b, at + apart);
    c = step(rows, bits, c, at + 2 * apart);
    d = step(rows, bits, d, at + 3 * apart);
    // Negative where a state is an accepting one: one branch for all lanes.
    if (<i32>((last - a) | (last - b) | (last - c) | (last - d)) < 0) {
      const end = (i + 1) << 16;
      if (a > last) {
        store<u32>(hitsA, end | a);
        hitsA += 4;
      }
      if (b > last) {
        store<u32>(hitsB, end | b);
        hitsB += 4;
      }
      if (c > last) {
        store<u32>(hitsC, end | c);
        hitsC += 4;
      }
      if (d > last) {
        store<u32>(hitsD, end | d);
        hitsD += 4;
      }
    }
  }
  store<u32>(hitsA, 0);
  store<u32>(hitsB, 0);
  store<u32>(hitsC, 0);
  store<u32>(hitsD, 0);
}

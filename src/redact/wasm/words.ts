import { byteAt } from './characters';

/**
 * Aho-Corasick over bytes, case-folded: one look-up a byte, whatever the number of words. Bytes that stand in no
 * word share one column of the table. A state is the address of its row, and a row has the addresses of others.
 */
const columns = memory.data(256);
/** Those that are met most stand first, in one line of the processor's cache. */
const FREQUENT = ' etaoinsrlcdpumfhgyb_vk.-x"/w,:0';
/** A row is `1 << rowBits` bytes long. */
let rowBits: u32 = 0;
let rows: usize = 0;
/** Rows of states in which a word ends: all their addresses, and no others, have the bit `telling`. */
let tellingRows: usize = 0;
let telling: u32 = 0;
/** For each of those, counted from one as links: the word, and the next link among its suffixes. */
let ending: usize = 0;
let next: usize = 0;
let lengths: usize = 0;

/** So long words and no longer ones: what stands before a window. */
export let longest: u32 = 0;

/** The tree of the words: of each node the column that leads to it, the word that ends there, its first child and next sibling. */
let leading: usize = 0;
let own: usize = 0;
let children: usize = 0;
let siblings: usize = 0;

/** `words` are latin1 without capitals, each behind its length in two bytes; `size` is all of it. */
export function compile(words: usize, size: u32): void {
  const columnCount = classify(words, size);
  rowBits = 34 - clz(columnCount - 1);
  leading = numbers(size);
  own = numbers(size);
  children = numbers(size);
  siblings = numbers(size);
  lengths = numbers(size);
  let nodes: u32 = 1;
  let word: u32 = 0;
  for (let at = words; at < words + size; ) {
    const length: u32 = load<u16>(at);
    const end = at + 2 + length;
    let node: u32 = 0;
    for (at += 2; at < end; at++) {
      const column = columnOf(at);
      let child = at16(children, node);
      while (child != 0 && at16(leading, child) != column) child = at16(siblings, child);
      if (child == 0) {
        child = nodes++;
        set16(leading, child, column);
        set16(siblings, child, at16(children, node));
        set16(children, node, child);
      }
      node = child;
    }
    set16(own, node, ++word);
    set16(lengths, word, length);
  }
  allocateRows(nodes);
  link(nodes);
}

/** Makes a row of each node, those nearer to the root first: it moves as its longest proper suffix does, but to its children. */
function link(nodes: u32): void {
  const order = numbers(nodes);
  const rowOf = heap.alloc(nodes << 2);
  const suffixOf = heap.alloc(nodes << 2);
  let quiet = <u32>rows;
  let loud = <u32>tellingRows;
  let known: u32 = 1;
  for (let at = rows; at < rows + (1 << rowBits); at += 4) store<u32>(at, quiet);
  store<u32>(rowOf, quiet);
  quiet += 1 << rowBits;
  for (let head: u32 = 0; head < known; head++) {
    const node = at16(order, head);
    const row: u32 = load<u32>(rowOf + (node << 2));
    if (node != 0) memory.copy(row, load<u32>(suffixOf + (node << 2)), 1 << rowBits);
    for (let child = at16(children, node); child != 0; child = at16(siblings, child)) {
      const move = row + (at16(leading, child) << 2);
      const suffix = load<u32>(move);
      let chain: u32 = 0;
      if (doesTell(suffix)) {
        chain = chainOf(suffix);
        if (wordOf(chain) == 0) chain = linkBehind(chain);
      }
      const state = chain != 0 || at16(own, child) != 0 ? loud : quiet;
      store<u32>(move, state);
      store<u32>(rowOf + (child << 2), state);
      store<u32>(suffixOf + (child << 2), suffix);
      set16(order, known++, child);
      if (!doesTell(state)) {
        quiet += 1 << rowBits;
        continue;
      }
      loud += 1 << rowBits;
      set16(ending, chainOf(state) - 1, at16(own, child));
      set16(next, chainOf(state) - 1, chain);
    }
  }
}

/** Room for as many rows of either kind. What lies between them, and is not used of them, is never touched, and so costs nothing. */
function allocateRows(count: u32): void {
  rows = heap.alloc(count << rowBits);
  telling = 1 << (32 - clz(<u32>rows + (count << rowBits)));
  const start = heap.alloc(telling - <u32>rows);
  heap.alloc(telling + (count << rowBits) - <u32>start);
  tellingRows = telling;
  ending = numbers(count);
  next = numbers(count);
}

/** Gives every byte of the words a column of its own; those of a letter in either case are one. Returns the columns. */
function classify(words: usize, size: u32): u32 {
  const used = memory.data(256);
  for (let at = words; at < words + size; ) {
    const length: u32 = load<u16>(at);
    if (length > longest) longest = length;
    const end = at + 2 + length;
    for (at += 2; at < end; at++) store<u8>(used + byteAt(at), 1);
  }
  let count: u32 = 1;
  for (let i = 0; i < FREQUENT.length; i++) count = giveColumn(used, FREQUENT.charCodeAt(i), count);
  for (let byte = 0; byte < 256; byte++) count = giveColumn(used, byte, count);
  return count;
}

function giveColumn(used: usize, byte: u32, count: u32): u32 {
  if (load<u8>(used + byte) == 0 || load<u8>(columns + byte) != 0) return count;
  store<u8>(columns + byte, count);
  if (byte - 0x61 < 26) store<u8>(columns + byte - 0x20, count);
  return count + 1;
}

// @ts-ignore: decorator
@inline
function columnOf(at: usize): u32 {
  return load<u8>(columns + byteAt(at));
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
function set16(array: usize, index: u32, value: u32): void {
  store<u16>(array + (index << 1), value);
}

/** Bytes of word `word`, counted from one. */
export function lengthOf(word: u32): u32 {
  return at16(lengths, word);
}

/** The first link of the chain of words that end in `state`. */
// @ts-ignore: decorator
@inline
export function chainOf(state: u32): u32 {
  return ((state - <u32>tellingRows) >> rowBits) + 1;
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

/** Whether a word ends in `state`. */
// @ts-ignore: decorator
@inline
export function doesTell(state: u32): bool {
  return (state & telling) != 0;
}

export function firstState(): u32 {
  return <u32>rows;
}

// @ts-ignore: decorator
@inline
function step(state: u32, byte: u32): u32 {
  return load<u32>(state + (<u32>load<u8>(columns + byte) << 2));
}

/** The state behind the byte at `at`. */
export function stateBehind(state: u32, at: usize): u32 {
  return step(state, byteAt(at));
}

/** Bytes from the beginning of a lane to that of the next. */
export const LANE: u32 = 1 << 15;
export const LANES: u32 = 4;

/**
 * Reads `size` bytes of four lanes at once: a look-up waits only for the one before it in its own lane. Writes where words
 * end in each to its own list, `room` bytes behind the one before: the offset behind the word from where its lane began,
 * shifted by 16, and the link; zero ends a list.
 */
export function readLanes(from: usize, size: u32, hits: usize, room: u32): void {
  let a: u32 = <u32>rows;
  let b = a;
  let c = a;
  let d = a;
  let hitsA = hits;
  let hitsB = hits + room;
  let hitsC = hitsB + room;
  let hitsD = hitsC + room;
  // A global is read anew wherever it is named.
  const flag = telling;
  const end = from + size;
  for (let at = from; at < end; at++) {
    a = step(a, load<u8>(at));
    b = step(b, load<u8>(at, LANE));
    c = step(c, load<u8>(at, 2 * LANE));
    d = step(d, load<u8>(at, 3 * LANE));
    // One branch for all lanes.
    if (((a | b | c | d) & flag) != 0) {
      const offset = <u32>(at - from + 1) << 16;
      if ((a & flag) != 0) {
        store<u32>(hitsA, offset | chainOf(a));
        hitsA += 4;
      }
      if ((b & flag) != 0) {
        store<u32>(hitsB, offset | chainOf(b));
        hitsB += 4;
      }
      if ((c & flag) != 0) {
        store<u32>(hitsC, offset | chainOf(c));
        hitsC += 4;
      }
      if ((d & flag) != 0) {
        store<u32>(hitsD, offset | chainOf(d));
        hitsD += 4;
      }
    }
  }
  store<u32>(hitsA, 0);
  store<u32>(hitsB, 0);
  store<u32>(hitsC, 0);
  store<u32>(hitsD, 0);
}

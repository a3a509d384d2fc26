import { byteAt } from './characters';

/**
 * Aho-Corasick over bytes, case-folded: one look-up a byte, whatever the number of words. Bytes that stand in no
 * word share one column of the table. A state is the address of its row, and a row has the addresses of others.
 */
const columns = memory.data(256);
/** Those that are met most stand first, in one line of the processor's cache. */
const FREQUENT = ' etaoinsrlcdpumfhgyb_vk.-x"/w,:0';
/**
 * Bytes of a row: an odd number of the cache's lines, or the beginnings of all rows would share a few places of it. Behind
 * the columns stands the link of a state in which a word ends.
 */
let rowBytes: u32 = 0;
let linkAt: u32 = 0;
let rows: usize = 0;
/** Rows of states in which a word ends begin so many bytes later: a bit that no other address has. */
const TELLING: u32 = 4;
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
  linkAt = columnCount << 2;
  rowBytes = (((linkAt + 8 + 63) >> 6) | 1) << 6;
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
  rows = (heap.alloc(nodes * rowBytes + 64) + 63) & ~63;
  ending = numbers(nodes);
  next = numbers(nodes);
  link(nodes);
}

/** Makes a row of each node, those nearer to the root first: it moves as its longest proper suffix does, but to its children. */
function link(nodes: u32): void {
  const order = numbers(nodes);
  const rowOf = heap.alloc(nodes << 2);
  const suffixOf = heap.alloc(nodes << 2);
  let links: u32 = 0;
  let known: u32 = 1;
  let free = <u32>rows + rowBytes;
  for (let at = rows; at < rows + linkAt; at += 4) store<u32>(at, <u32>rows);
  store<u32>(rowOf, <u32>rows);
  for (let head: u32 = 0; head < known; head++) {
    const node = at16(order, head);
    const row: u32 = load<u32>(rowOf + (node << 2));
    if (node != 0) memory.copy(row, load<u32>(suffixOf + (node << 2)), linkAt);
    for (let child = at16(children, node); child != 0; child = at16(siblings, child)) {
      const move = row + (at16(leading, child) << 2);
      const suffix = load<u32>(move);
      let chain: u32 = 0;
      if (doesTell(suffix)) {
        chain = chainOf(suffix);
        if (wordOf(chain) == 0) chain = linkBehind(chain);
      }
      const state = chain != 0 || at16(own, child) != 0 ? free + TELLING : free;
      free += rowBytes;
      store<u32>(move, state);
      store<u32>(rowOf + (child << 2), state);
      store<u32>(suffixOf + (child << 2), suffix);
      set16(order, known++, child);
      if (!doesTell(state)) continue;
      store<u32>(state + linkAt, ++links);
      set16(ending, links, at16(own, child));
      set16(next, links, chain);
    }
  }
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
  return load<u32>(state + linkAt);
}

// @ts-ignore: decorator
@inline
export function wordOf(link: u32): u32 {
  return at16(ending, link);
}

// @ts-ignore: decorator
@inline
export function linkBehind(link: u32): u32 {
  return at16(next, link);
}

/** Whether a word ends in `state`. */
// @ts-ignore: decorator
@inline
export function doesTell(state: u32): bool {
  return (state & TELLING) != 0;
}

export function firstState(): u32 {
  return <u32>rows;
}

/** The state behind `byte`. */
// @ts-ignore: decorator
@inline
export function step(state: u32, byte: u32): u32 {
  return load<u32>(state + (<u32>load<u8>(columns + byte) << 2));
}

/** Bytes from the beginning of a lane to that of the next. */
export const LANE: u32 = 1 << 14;
export const LANES: u32 = 8;
/** Where the list of each lane goes on. */
const cursors = memory.data(8 << 2);

/**
 * Reads `size` bytes of eight lanes at once: a look-up waits only for the one before it in its own lane. Writes where words
 * end in each to its own list, `room` bytes behind the one before: the offset behind the word from where its lane began,
 * shifted by 16, and the link; zero ends a list.
 */
export function readLanes(from: usize, size: u32, hits: usize, room: u32): void {
  for (let lane: u32 = 0; lane < LANES; lane++) store<u32>(cursors + (lane << 2), <u32>hits + lane * room);
  let a: u32 = <u32>rows;
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  const end = from + size;
  for (let at = from; at < end; at++) {
    a = step(a, load<u8>(at));
    b = step(b, load<u8>(at, 1 * LANE));
    c = step(c, load<u8>(at, 2 * LANE));
    d = step(d, load<u8>(at, 3 * LANE));
    e = step(e, load<u8>(at, 4 * LANE));
    f = step(f, load<u8>(at, 5 * LANE));
    g = step(g, load<u8>(at, 6 * LANE));
    h = step(h, load<u8>(at, 7 * LANE));
    // One branch for all lanes.
    if (((a | b | c | d | e | f | g | h) & TELLING) != 0) {
      const offset = <u32>(at - from + 1) << 16;
      if ((a & TELLING) != 0) note(0, offset | chainOf(a));
      if ((b & TELLING) != 0) note(1, offset | chainOf(b));
      if ((c & TELLING) != 0) note(2, offset | chainOf(c));
      if ((d & TELLING) != 0) note(3, offset | chainOf(d));
      if ((e & TELLING) != 0) note(4, offset | chainOf(e));
      if ((f & TELLING) != 0) note(5, offset | chainOf(f));
      if ((g & TELLING) != 0) note(6, offset | chainOf(g));
      if ((h & TELLING) != 0) note(7, offset | chainOf(h));
    }
  }
  for (let lane: u32 = 0; lane < LANES; lane++) note(lane, 0);
}

function note(lane: u32, hit: u32): void {
  const cursor = cursors + (lane << 2);
  const at = load<u32>(cursor);
  store<u32>(at, hit);
  store<u32>(cursor, at + 4);
}

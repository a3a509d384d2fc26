/** The parts of the redactor that read every byte. Compiled to WebAssembly, which is fast from its first call on. */
import { alignStart, backslashes, hidden, readTo, reserveWords, unescape, unitEnd, words } from './escapes';
import { isLikely } from './looks';
import { filter, resize, searchHashes } from './memory';
import { findRuns, isText } from './runs';

import { compile as compileWords, LANE, LANES, lengthOf, linkBehind, longest, readLanes, wordOf } from './words';

export { takeImages } from './runs';

/** Bytes that are read at a time; a lane's offsets have 16 bits. */
export const windowSize: u32 = LANES * LANE;
/** Bytes before and behind a window or a region that may be looked at as well; zeros where the block has none. */
export const margin: u32 = 1 << 12;
const room: u32 = ((windowSize / LANES) + margin + 1) << 2;

export const window: usize = memory.data((1 << 17) + (2 << 12)) + margin;
const laneHits: usize = heap.alloc(LANES * room);
/** The lanes of a window that is not full. */
const pieces: usize = memory.data(1 << 17);
/** What the last call found: pairs of numbers. */
export let found: usize = heap.alloc(windowSize << 3);
let foundRoom: u32 = windowSize << 3;

/** For each word, counted from one: the address of its program. */
let programs: usize = 0;

export function allocate(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** `addresses` has the programs of the words, counted from one. */
export function compile(list: usize, size: u32, addresses: usize): u32 {
  compileWords(list, size);
  programs = addresses;
  return longest;
}

/** Finds the places in the window's first `size` bytes where a word ends that is likely to matter: end and link. Returns their number. */
export function findWords(size: u32): u32 {
  const lead = longest - 1;
  let apart = (size + LANES - 1) / LANES;
  if (apart + lead < LANE) {
    for (let lane: u32 = 0; lane < LANES; lane++)
      memory.copy(pieces + lane * LANE, window - lead + lane * apart, apart + lead);
    readLanes(pieces, apart + lead, laneHits, room);
  } else {
    apart = LANE;
    readLanes(window - lead, apart + lead, laneHits, room);
  }
  let count: u32 = 0;
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const start = lane * apart;
    const limit = min(start + apart, size);
    for (let at = laneHits + lane * room; load<u32>(at) != 0; at += 4) {
      const end = start + (load<u32>(at) >> 16) - lead;
      const link = load<u32>(at) & 0xffff;
      if (<i32>end > <i32>start && end <= limit && isLinkLikely(link, window + end)) {
        store<u32>(found + (count << 3), end);
        store<u32>(found + (count << 3), link, 4);
        count++;
      }
    }
  }
  return count;
}

function isLinkLikely(first: u32, end: usize): bool {
  for (let link = first; link != 0; link = linkBehind(link)) {
    const word = wordOf(link);
    if (word != 0 && isWordLikely(word, end - lengthOf(word), end)) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function isWordLikely(word: u32, from: usize, to: usize): bool {
  return isLikely(load<u32>(programs + (word << 2)), from, to);
}

/** What the looks of a program say to the word at `[from, to)` of the window. */
export function isProgramLikely(program: usize, from: i32, to: i32): bool {
  return isLikely(program, window + from, window + to);
}

/** The next link of the words that end in one place; zero ends them. */
export function nextLink(link: u32): u32 {
  return linkBehind(link);
}
/** The word of a link, counted from one; zero where it has none of its own. */
export function wordAt(link: u32): u32 {
  return wordOf(link);
}

export function findBase64(size: u32): u32 {
  return <u32>(findRuns(window, size, found) - found) >> 3;
}

/** Where the filter of `search` stands, which has `1 << bits` bits from now on. */
export function filterOf(bits: u32): usize {
  resize(bits);
  return filter;
}

export function search(size: u32, first: u32, second: u32): u32 {
  return <u32>(searchHashes(window, size, first, second, found) - found) >> 3;
}

/** Whether the region is base64 that begins with readable text. */
export function isRegionText(): bool {
  return isText(region);
}

export let region: usize = 0;
export let characters: usize = 0;
export let starts: usize = 0;
let regionRoom: u32 = 0;

/** Makes room for a region of `size` bytes. */
export function reserve(size: u32): void {
  if (size <= regionRoom) return;
  regionRoom = max<u32>(2 * size, 1 << 16);
  region = heap.alloc(regionRoom + 2 * margin) + margin;
  characters = heap.alloc(regionRoom);
  starts = heap.alloc(regionRoom << 2);
  reserveWords(regionRoom);
}

/** Offsets of the region are counted from its beginning. */
export function readRegion(size: u32, lineEnd: u32): u32 {
  const from = alignStart(region, region + size);
  return unescape(from, region + size, region + lineEnd, characters, starts);
}
export function regionEnd(): u32 {
  return <u32>(readTo - region);
}
export function startOf(index: u32): u32 {
  return load<u32>(starts + (index << 2)) - <u32>region;
}
export function endOf(index: u32, lineEnd: u32): u32 {
  return <u32>(unitEnd(load<u32>(starts + (index << 2)), region + lineEnd) - region);
}
export function depthOf(index: u32, lineEnd: u32): u32 {
  return backslashes(load<u32>(starts + (index << 2)), region + lineEnd);
}

/** Tells the places in the characters of the region where a word ends that is likely to matter: end and word. */
export function findInside(): u32 {
  let count: u32 = 0;
  for (let at = words; load<u32>(at) != 0; at += 8) {
    const end = load<u32>(at);
    for (let link = load<u32>(at, 4); link != 0; link = linkBehind(link)) {
      const word = wordOf(link);
      if (word == 0 || !isInsideLikely(word, end)) continue;
      if (((count + 1) << 3) > foundRoom) growFound();
      store<u32>(found + (count << 3), end);
      store<u32>(found + (count << 3), word, 4);
      count++;
    }
  }
  return count;
}

/** A word that stands in the raw bytes as it is has been looked at there; of another the bytes do not tell. */
function isInsideLikely(word: u32, end: u32): bool {
  const length = lengthOf(word);
  const from = load<u32>(starts + ((end - length) << 2));
  const last = load<u32>(starts + ((end - 1) << 2));
  return hidden || last - from != length - 1 || isWordLikely(word, from, last + 1);
}

function growFound(): void {
  const old = found;
  found = heap.alloc(foundRoom << 1);
  memory.copy(found, old, foundRoom);
  foundRoom <<= 1;
}

/**
 * Whether a path fits a pattern of `*` (within a segment), `?` and `**` (any segments). A pattern that does not
 * begin with `/` may begin anywhere. Takes at most the product of both lengths.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const wanted = pattern.startsWith('/') ? pattern.slice(1).split('/') : ['**', ...pattern.split('/')];
  return matchesList(path.replace(/^\//, '').split('/'), wanted, '**', matchesSegment);
}

function matchesSegment(segment: string, pattern: string): boolean {
  return matchesList([...segment], [...pattern], '*', (character, wanted) => wanted === '?' || wanted === character);
}

/** `any` stands for any number of items: only the last one seen has ever to be tried again. */
function matchesList(
  items: readonly string[],
  wanted: readonly string[],
  any: string,
  fits: (item: string, wanted: string) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let again: { at: number; next: number } | undefined;
  while (at < items.length) {
    const want = wanted[next];
    if (want === any) again = { at, next: ++next };
    else if (want !== undefined && fits(items[at] as string, want)) {
      at += 1;
      next += 1;
    } else if (again) {
      again.at += 1;
      at = again.at;
      next = again.next;
    } else return false;
  }
  return wanted.slice(next).every((want) => want === any);
}

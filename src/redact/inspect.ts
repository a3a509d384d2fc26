import { findUnknown } from './backstop.ts';
import { isWalletKey } from './base58.ts';
import { type Policy, UNKNOWN } from './policy.ts';
import { rank } from './rules/rule.ts';
import { decodeText } from './runs.ts';
import type { Finding } from './scanner.ts';

/** Bytes that are inspected at a time, up to the end of a line: one after the other, or on other cores. */
const sliceBytes = 1 << 20;

/** Where the slices of a block begin, and its end. They are the same wherever they are inspected. */
export function slicesOf(block: Buffer): readonly number[] {
  const starts = [0];
  for (let at = sliceBytes; at < block.length; ) {
    const newline = block.indexOf(0x0a, at);
    if (newline < 0 || newline + 1 === block.length) break;
    starts.push(newline + 1);
    at = newline + 1 + sliceBytes;
  }
  return [...starts, block.length];
}

/** What is known of a block without knowing its session. */
export interface Inspected {
  readonly findings: readonly Finding[];
  /** Images in base64, which are left alone. */
  readonly images: number;
}

/** Of the parts of a block, in order. */
export function joinInspected(parts: readonly Inspected[]): Inspected {
  return {
    findings: parts.flatMap(({ findings }) => findings),
    images: parts.reduce((sum, { images }) => sum + images, 0),
  };
}

/** All that the rules find in `[from, to)` of a block, whatever was found before: needs nothing of a session. */
export function inspect(policy: Policy, block: Buffer, from: number, to: number): Inspected {
  const slice = block.subarray(from, to);
  const found: Finding[] = [];
  const take = (finding: Finding) => {
    found.push(from === 0 ? finding : { ...finding, from: from + finding.from, to: from + finding.to });
  };
  const { runs, images } = policy.scanner().scan(slice, take);
  for (const run of runs) {
    if (run.isText) lookInside(policy, slice, run.from, run.to, take);
    else if (run.to - run.from <= 52 && run.to - run.from >= 50) {
      const secret = slice.toString('latin1', run.from, run.to);
      if (isWalletKey(secret))
        take({ from: run.from, to: run.to, rule: 'wallet-key', rank: rank.token, secret, open: false });
    }
  }
  if (policy.anywhere !== undefined) {
    findUnknown(slice, policy.anywhere, (start, end, secret) =>
      take({ from: start, to: end, rule: UNKNOWN, rank: rank.assignment, secret, open: false }),
    );
  }
  return { findings: found, images };
}

/** What base64 holds is looked through once; base64 within it is not. */
function lookInside(policy: Policy, slice: Buffer, from: number, to: number, take: (finding: Finding) => void): void {
  for (const { at, text } of decodeText(slice, from, to)) {
    policy.scanner().scan(text, (inner) => {
      if (inner.secret === '') return;
      const end = Math.min(to, at + Math.ceil(inner.to / 3) * 4);
      take({ ...inner, from: at + Math.floor(inner.from / 3) * 4, to: end });
    });
  }
}

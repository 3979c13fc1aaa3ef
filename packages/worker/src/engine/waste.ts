import type { Locator } from '@burrow/core';

/** What a stored text takes beside its bytes: length and checksum. */
const FRAME_BYTES = 16;
/** A segment counts as wasteful when at least this share of it belongs to texts that are gone. */
const WASTEFUL_SHARE = 0.5;

/**
 * Bytes of texts that are gone, in segments that are mostly of such: what a compaction would free, about.
 *
 * @param segments bytes in each segment
 * @param locators places of the texts in use; one that is named twice counts once
 */
export function wastedBytes(
  segments: ReadonlyMap<number, number>,
  locators: Iterable<[id: string, locator: Locator]>,
): number {
  const seen = new Set<string>();
  const live = new Map<number, number>();
  for (const [, locator] of locators) {
    const key = locator.join();
    if (seen.has(key)) continue;
    seen.add(key);
    const [segment, , length] = locator;
    live.set(segment, (live.get(segment) ?? 0) + FRAME_BYTES + length);
  }
  let wasted = 0;
  for (const [segment, bytes] of segments) {
    const dead = bytes - (live.get(segment) ?? 0);
    if (dead >= bytes * WASTEFUL_SHARE) wasted += dead;
  }
  return wasted;
}

import type { Locator } from '@burrow/core';
import { Pacer } from '@burrow/store-opfs';

/** What a stored text takes beside its bytes: length and checksum. */
const FRAME_BYTES = 16;
/** A segment counts as wasteful when at least this share of it belongs to texts that are gone. */
const WASTEFUL_SHARE = 0.5;

/** Places that are looked at between two looks at the clock. */
const STEP = 256;

/** A place as one number: one that is named twice counts once. Segments roll long before 4 GiB. */
export function placeOf([segment, offset]: Locator): number {
  return segment * 2 ** 32 + offset;
}

/**
 * Bytes of texts that are gone, in segments that are mostly of such: what a compaction would free, about.
 *
 * @param segments bytes in each segment
 * @param locators places of the texts in use
 */
export async function wastedBytes(
  segments: ReadonlyMap<number, number>,
  locators: Iterable<[id: string, locator: Locator]>,
): Promise<number> {
  const seen = new Set<number>();
  const live = new Map<number, number>();
  const pacer = new Pacer();
  for (const [, locator] of locators) {
    const place = placeOf(locator);
    if (seen.has(place)) continue;
    seen.add(place);
    if (seen.size % STEP === 0) await pacer.pause();
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

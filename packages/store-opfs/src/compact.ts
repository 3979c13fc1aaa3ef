import type { BlobSegments } from './blobs.ts';
import { FRAME_LENGTH } from './blobs.ts';
import { ENVELOPE_LENGTH } from './envelope.ts';
import { StoreError } from './errors.ts';
import { Pacer } from './pacer.ts';
import type { BlobRef, CompactOptions } from './types.ts';

const DEFAULT_WASTE = 0.5;
/** So many bytes are copied at a time. */
const PORTION = 1024 * 1024;

/** Copies live blobs out of segments that are mostly dead; damaged blobs keep their ref and go on being reported. */
export async function compactBlobs(
  blobs: BlobSegments,
  live: BlobRef[],
  { waste = DEFAULT_WASTE, signal, onProgress }: CompactOptions,
): Promise<BlobRef[]> {
  signal?.throwIfAborted();
  await blobs.seal();
  const liveBytes = new Map<number, number>();
  for (const [segment, , length] of live) {
    liveBytes.set(segment, (liveBytes.get(segment) ?? 0) + FRAME_LENGTH + length);
  }
  const wasteful = new Set<number>();
  for (const [segment, size] of blobs.sizes) {
    const content = Math.max(size - ENVELOPE_LENGTH, 1);
    const dead = content - (liveBytes.get(segment) ?? 0);
    if (dead > 0 && dead / content >= waste) wasteful.add(segment);
  }
  const moving = live.flatMap((ref, index) => (wasteful.has(ref[0]) ? [index] : []));
  const moved = live.map((ref): BlobRef => [...ref]);
  const pacer = new Pacer();
  for (let from = 0; from < moving.length;) {
    signal?.throwIfAborted();
    const indices: number[] = [];
    const contents: Uint8Array[] = [];
    for (let bytes = 0; from < moving.length && bytes < PORTION; from++) {
      const index = moving[from]!;
      const content = await blobs.get(live[index]!).catch(keepDamaged);
      if (!content) continue;
      indices.push(index);
      contents.push(content);
      bytes += content.length;
    }
    (await blobs.put(contents)).forEach((ref, i) => (moved[indices[i]!] = ref));
    onProgress?.({ done: from, total: moving.length });
    await pacer.pause();
  }
  return moved;
}

/** What cannot be read cannot be moved, and must not keep everything else from moving: its ref and segment stay. */
function keepDamaged(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.code !== 'blob-damaged') throw error;
}

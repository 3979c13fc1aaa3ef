import type { SearchDocument } from './types.ts';

/** A slice of a write holds at most so many documents … */
const SLICE_DOCUMENTS = 64;
/** … and about so many bytes, unless one document alone is larger. */
const SLICE_BYTES = 2 << 20;
/** Slices under way at once: one is embedded while the one before it is stored. */
const SLICES_IN_FLIGHT = 2;
/** Bytes that wait for their acknowledgement, at most, of all writes of a page; a larger document travels alone. */
const BYTES_IN_FLIGHT = 32 << 20;

/** What the writes of a page may have in flight together; those that do not fit wait for their turn. */
export class FlightRoom {
  #bytes = 0;
  /** First come, first served: a large slice is not overtaken for ever by small ones. */
  readonly #waiting: { bytes: number; go: () => void }[] = [];

  /** Resolves when there is room for so many bytes, and takes it. */
  take(bytes: number): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ bytes, go });
      this.#admit();
    });
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#bytes > 0 && this.#bytes + next.bytes > BYTES_IN_FLIGHT) return;
      this.#waiting.shift();
      this.#bytes += next.bytes;
      next.go();
    }
  }
}

export interface Slice {
  documents: SearchDocument[];
  bytes: number;
}

/** Cuts a list of documents into slices. One that does not fit into the slice begun waits for the next. */
export async function* slices(
  documents: Iterable<SearchDocument> | AsyncIterable<SearchDocument>,
): AsyncGenerator<Slice> {
  let slice: Slice = { documents: [], bytes: 0 };
  for await (const document of documents) {
    const bytes = bytesOf(document);
    if (slice.documents.length > 0 && slice.bytes + bytes > SLICE_BYTES) {
      yield slice;
      slice = { documents: [], bytes: 0 };
    }
    slice.documents.push(document);
    slice.bytes += bytes;
    if (slice.documents.length >= SLICE_DOCUMENTS || slice.bytes >= SLICE_BYTES) {
      yield slice;
      slice = { documents: [], bytes: 0 };
    }
  }
  if (slice.documents.length > 0) yield slice;
}

/**
 * Sends slices, as many at once as may be in flight and `room` has place for. The first that fails as a whole (no space,
 * aborted) stops the others that have not gone out; what it failed with is thrown when those under way are done.
 */
export async function sendSlices(
  source: AsyncIterable<Slice>,
  send: (slice: Slice, number: number) => Promise<void>,
  room: FlightRoom = new FlightRoom(),
): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  let number = 0;
  try {
    for await (const slice of source) {
      while (inFlight.size >= SLICES_IN_FLIGHT) await Promise.race(inFlight);
      await room.take(slice.bytes);
      if (failed) {
        room.give(slice.bytes);
        break;
      }
      const work: Promise<void> = send(slice, number++)
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => {
          room.give(slice.bytes);
          inFlight.delete(work);
        });
      inFlight.add(work);
    }
  } finally {
    await Promise.all(inFlight);
  }
  if (failed) throw failed.error;
}

/** About what a document takes on its way: its strings, two bytes for each UTF-16 unit. */
function bytesOf(document: SearchDocument): number {
  let bytes = 0;
  // What is no document at all is sent on to be refused with a reason.
  for (const value of Object.values(document ?? {}))
    bytes += typeof value === 'string' ? value.length * 2 : 8;
  return bytes;
}

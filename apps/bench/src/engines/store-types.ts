/** Strict: an acknowledgement waits until the write would survive a power cut. Relaxed: it does not. */
export type Durability = 'strict' | 'relaxed';

/** What stores take: documents one by one, each acknowledged before the next. */
export interface StoreInput {
  documents: string[];
}

export interface StoreRun {
  milliseconds: number;
}

const encoder = new TextEncoder();

/** Text as bytes. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Takes the time of one write after the other. */
export async function timeWrites(
  { documents }: StoreInput,
  write: (text: string, i: number) => Promise<unknown> | unknown,
): Promise<StoreRun> {
  const started = performance.now();
  for (const [i, text] of documents.entries()) await write(text, i);
  return { milliseconds: performance.now() - started };
}

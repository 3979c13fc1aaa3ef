import type { Locator } from '@burrow/core';
import type { Store } from '@burrow/store-opfs';
import type { Waits } from './waits.ts';

/** First byte of a stored text: how the rest is encoded. */
const UTF8 = 0;
/** For texts with lone surrogates, which UTF-8 cannot hold. */
const UTF16 = 1;

/** Texts kept in memory after reading: the documents of the hits just shown are asked for again at once. */
const CACHED_LENGTH = 4 << 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Encodes a text without loss, lone surrogates too. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) {
    // At most three bytes for each UTF-16 unit.
    const bytes = new Uint8Array(1 + text.length * 3);
    bytes[0] = UTF8;
    const { written } = encoder.encodeInto(text, bytes.subarray(1));
    return bytes.slice(0, 1 + written);
  }
  const bytes = new Uint8Array(1 + text.length * 2);
  bytes[0] = UTF16;
  const view = new DataView(bytes.buffer, 1);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  return bytes;
}

/** The inverse of `encodeText`. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] !== UTF16) return decoder.decode(bytes.subarray(1));
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
  const parts: string[] = [];
  const units: number[] = [];
  for (let i = 0; i + 1 < view.byteLength; i += 2) {
    units.push(view.getUint16(i, true));
    if (units.length === 8192) parts.push(String.fromCharCode(...units.splice(0)));
  }
  return parts.join('') + String.fromCharCode(...units);
}

/** The texts of the documents, in the store's blobs; the last ones read stay in memory. */
export class DocumentTexts {
  readonly #store: Store;
  readonly #waits: Waits;
  readonly #cache = new Map<string, string>();
  #cachedLength = 0;

  constructor(store: Store, waits: Waits) {
    this.#store = store;
    this.#waits = waits;
  }

  /** Writes texts; they are durable once the journal records that name them are. */
  async put(texts: string[]): Promise<Locator[]> {
    return this.#waits.during('texts to be stored', () => this.#store.putBlobs(texts.map(encodeText)));
  }

  /**
   * Reads a text.
   * @throws StoreError `blob-damaged` or `blob-missing`
   */
  async read(locator: Locator): Promise<string> {
    const key = locator.join(':');
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const text = decodeText(
      await this.#waits.during('a text to be read', () => this.#store.getBlob(locator)),
    );
    this.#remember(key, text);
    return text;
  }

  #remember(key: string, text: string): void {
    if (text.length > CACHED_LENGTH / 4) return;
    this.#cache.set(key, text);
    this.#cachedLength += text.length;
    for (const [oldest, old] of this.#cache) {
      if (this.#cachedLength <= CACHED_LENGTH) break;
      this.#cache.delete(oldest);
      this.#cachedLength -= old.length;
    }
  }
}

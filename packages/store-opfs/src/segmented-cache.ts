import { createBLAKE3 } from 'hash-wasm';
import { type CacheSegments, KEY_FRAME, VALUE_FRAME } from './cache-segments.ts';
import type { EmbeddingCache, EmbeddingSpace } from './embedding-cache.ts';
import { StoreError, isQuotaError, toStoreError } from './errors.ts';
import type { FileSystem, StoreKind } from './file-system.ts';
import { KEY_LENGTH, type KeyTable } from './key-table.ts';
import { Mutex } from './mutex.ts';

/** When full, so much of the cache goes at once. */
const EVICTED_SHARE = 0.1;
/** Values that lie one after another are read together, up to this many bytes. */
const MOST_READ = 1024 * 1024;

export type KeyHash = (space: EmbeddingSpace, text: string) => Uint8Array;

interface Parts {
  fileSystem: FileSystem;
  segments: CacheSegments;
  table: KeyTable;
  clock: number;
  hashKey: KeyHash;
  maxBytes: number;
}

/** The embedding cache over segments and a table of keys. */
export class SegmentedCache implements EmbeddingCache {
  readonly kind: StoreKind;
  readonly #parts: Parts;
  readonly #mutex = new Mutex();
  /** Segments with uses that their files do not know yet. */
  readonly #touched = new Set<number>();
  #clock: number;
  #open = true;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.kind = parts.fileSystem.kind;
    this.#clock = parts.clock;
  }

  get count(): number {
    return this.#parts.table.size;
  }

  get bytes(): number {
    return this.#parts.segments.bytes;
  }

  get(space: EmbeddingSpace, texts: string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#run('reading cached vectors', async () => {
      const { table, hashKey } = this.#parts;
      const result: (Uint8Array | undefined)[] = Array.from({ length: texts.length });
      const used = ++this.#clock;
      const wanted: Wanted[] = [];
      texts.forEach((text, index) => {
        const key = hashKey(space, text);
        const entry = table.find(key);
        if (entry < 0) return;
        table.used[entry] = used;
        this.#touched.add(table.segment[entry]!);
        const length = VALUE_FRAME + table.length[entry]!;
        wanted.push({ index, key, segment: table.segment[entry]!, offset: table.offset[entry]!, length });
      });
      await this.#read(wanted, (index, value) => (result[index] = value));
      return result;
    });
  }

  put(space: EmbeddingSpace, texts: string[], vectors: Uint8Array[]): Promise<void> {
    return this.#run('caching vectors', async () => {
      if (texts.length !== vectors.length) {
        const message = `As many vectors as texts are needed, got ${vectors.length} and ${texts.length}.`;
        throw new StoreError('invalid-argument', message);
      }
      const { table, segments, hashKey, maxBytes } = this.#parts;
      const used = ++this.#clock;
      const items = texts.map((text, i) => ({ key: hashKey(space, text), value: vectors[i]!, used }));
      const fresh = items.filter(({ key }) => table.find(key) < 0);
      const bytes = fresh.reduce((sum, { value }) => sum + KEY_FRAME + VALUE_FRAME + value.length, 0);
      if (bytes > maxBytes) return;
      const over = segments.bytes + bytes - maxBytes;
      if (over > 0) await this.#evict(Math.max(over, maxBytes * EVICTED_SHARE));
      try {
        await segments.append(table, fresh);
      } catch (error) {
        if (!isQuotaError(error)) throw error;
        // Data may need the room more: nothing is kept, and the next batch goes to a fresh file.
        segments.seal();
      }
    });
  }

  evict(bytes: number): Promise<number> {
    return this.#run('evicting cached vectors', () => this.#evict(bytes));
  }

  clear(): Promise<void> {
    return this.#run('clearing cached vectors', () => this.#clear());
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    await this.#run('closing the embedding cache', () => this.#saveUses());
    this.#open = false;
    await this.#parts.fileSystem.close();
  }

  async destroy(): Promise<void> {
    this.#open = false;
    await this.#mutex.run(async () => this.#parts.fileSystem.destroy());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reads values in the order of the disk, neighbours together; what fails its checksum is a miss. */
  async #read(wanted: Wanted[], found: (index: number, value: Uint8Array) => void): Promise<void> {
    const { segments } = this.#parts;
    wanted.sort((a, b) => a.segment - b.segment || a.offset - b.offset);
    for (let from = 0; from < wanted.length;) {
      const { segment, offset } = wanted[from]!;
      let end = offset;
      let to = from;
      for (; to < wanted.length; to++) {
        const next = wanted[to]!;
        if (
          next.segment !== segment ||
          next.offset > end ||
          next.offset + next.length - offset > MOST_READ + next.length
        )
          break;
        end = Math.max(end, next.offset + next.length);
      }
      const bytes = await segments.read(segment, offset, end - offset);
      for (const { index, key, offset: at, length } of wanted.slice(from, to)) {
        const value = segments.valueIn(segment, key, bytes.subarray(at - offset, at - offset + length));
        if (value) found(index, value.slice());
      }
      from = to;
    }
  }

  /** Drops the least recently used entries, and copies the others out of the files that have most of them. */
  async #evict(wantedBytes: number): Promise<number> {
    const { table, segments } = this.#parts;
    const before = segments.bytes;
    if (wantedBytes >= before) {
      await this.#clear();
      return before;
    }
    const sizeOf = (entry: number): number => KEY_FRAME + VALUE_FRAME + table.length[entry]!;
    const dropped = new Set<number>();
    let droppable = 0;
    for (const entry of Uint32Array.from({ length: table.size }, (_, i) => i).sort(
      (a, b) => table.used[a]! - table.used[b]!,
    )) {
      if (droppable >= wantedBytes) break;
      dropped.add(entry);
      droppable += sizeOf(entry);
    }
    table.retain((entry) => !dropped.has(entry));
    const live = new Map<number, number>();
    for (let entry = 0; entry < table.size; entry++) {
      const segment = table.segment[entry]!;
      live.set(segment, (live.get(segment) ?? 0) + sizeOf(entry));
    }
    const dead = (segment: number): number => segments.bytesOf(segment) - (live.get(segment) ?? 0);
    segments.seal();
    for (const segment of segments.numbers.sort((a, b) => dead(b) - dead(a))) {
      if (before - segments.bytes >= wantedBytes) break;
      await this.#empty(segment);
    }
    return Math.max(0, before - segments.bytes);
  }

  async #empty(segment: number): Promise<void> {
    const { table, segments } = this.#parts;
    const wanted: Wanted[] = [];
    const uses: number[] = [];
    for (let entry = 0; entry < table.size; entry++) {
      if (table.segment[entry] !== segment) continue;
      const length = VALUE_FRAME + table.length[entry]!;
      wanted.push({
        index: uses.length,
        key: table.key(entry),
        segment,
        offset: table.offset[entry]!,
        length,
      });
      uses.push(table.used[entry]!);
    }
    const items: { key: Uint8Array; value: Uint8Array; used: number }[] = [];
    const keys = wanted.map(({ key }) => key);
    await this.#read(wanted, (index, value) => items.push({ key: keys[index]!, value, used: uses[index]! }));
    table.retain((entry) => table.segment[entry] !== segment);
    await segments.remove(segment);
    try {
      await segments.append(table, items);
    } catch (error) {
      // Making room must not fail for lack of room: then these go too.
      if (!isQuotaError(error)) throw error;
      segments.seal();
    }
  }

  async #clear(): Promise<void> {
    const { table, segments } = this.#parts;
    table.retain(() => false);
    this.#touched.clear();
    for (const segment of segments.numbers) await segments.remove(segment);
  }

  /** Uses are written once, at closing; a crash costs their order only. */
  async #saveUses(): Promise<void> {
    const { table, segments } = this.#parts;
    const entries = new Map<number, number[]>();
    for (let entry = 0; entry < table.size; entry++) {
      const segment = table.segment[entry]!;
      if (!this.#touched.has(segment)) continue;
      const list = entries.get(segment);
      if (list) list.push(entry);
      else entries.set(segment, [entry]);
    }
    for (const [segment, list] of entries) await segments.rewriteKeys(segment, table, list);
    this.#touched.clear();
  }

  #run<T>(doing: string, task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      if (!this.#open) throw new StoreError('closed', 'The embedding cache is closed; open it again.');
      try {
        return await task();
      } catch (error) {
        throw toStoreError(error, doing);
      }
    });
  }
}

interface Wanted {
  index: number;
  key: Uint8Array;
  segment: number;
  offset: number;
  length: number;
}

/** BLAKE3, cut to 128 bits: nobody can make two texts that share a vector. */
export async function loadKeyHash(): Promise<KeyHash> {
  const hasher = await createBLAKE3(KEY_LENGTH * 8);
  return ({ space, dtype }, text) => {
    hasher.init();
    // Lengths first, so that no two triples read the same; UTF-16, since a lone surrogate has no UTF-8.
    hasher.update(`${space.length} ${dtype.length} ${space}${dtype}`);
    hasher.update(utf16(text));
    return hasher.digest('binary');
  };
}

function utf16(text: string): Uint8Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return new Uint8Array(units.buffer);
}

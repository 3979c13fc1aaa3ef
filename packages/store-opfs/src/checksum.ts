import { createXXHash64 } from 'hash-wasm';

/** Length of a checksum in bytes. */
export const CHECKSUM_LENGTH = 8;

/** XXH64 over several pieces as if they were one. */
export interface Checksum {
  /** The 8 bytes of the checksum, big-endian. */
  of(...pieces: Uint8Array[]): Uint8Array;
  /** Whether the 8 bytes at `at` of `bytes` are the checksum of the pieces. */
  matches(bytes: Uint8Array, at: number, ...pieces: Uint8Array[]): boolean;
}

let loading: Promise<Checksum> | undefined;

/** Compiles the hash once in each realm. */
export function loadChecksum(): Promise<Checksum> {
  loading ??= createXXHash64().then((hasher) => {
    const of = (...pieces: Uint8Array[]): Uint8Array => {
      hasher.init();
      for (const piece of pieces) hasher.update(piece);
      return hasher.digest('binary');
    };
    return {
      of,
      matches: (bytes, at, ...pieces) => {
        if (at + CHECKSUM_LENGTH > bytes.length) return false;
        const expected = of(...pieces);
        for (let i = 0; i < CHECKSUM_LENGTH; i++) if (bytes[at + i] !== expected[i]) return false;
        return true;
      },
    };
  });
  return loading;
}

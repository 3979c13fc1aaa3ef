const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown inside this package when bytes end early or make no sense; callers turn it into a `SearchError`. */
export class BytesError extends Error {}

/** Reads what `ByteWriter` wrote, checking every length against what is left. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.offset;
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.offset++];
      if (byte === undefined) throw new BytesError('the bytes end inside a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (scale > 2 ** 49) throw new BytesError('a number has too many bytes');
    }
    if (!Number.isSafeInteger(value)) throw new BytesError('a number is too large');
    return value;
  }

  block(length: number): Uint8Array {
    if (length > this.left) throw new BytesError('the bytes end inside a block');
    const block = this.#bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return block;
  }

  string(): string {
    const header = this.uint();
    const wide = header % 2 === 1;
    const length = (header - (wide ? 1 : 0)) / 2;
    if (wide) return fromUtf16(this.block(length * 2));
    try {
      return decoder.decode(this.block(length));
    } catch (cause) {
      if (cause instanceof BytesError) throw cause;
      throw new BytesError('a string is not valid UTF-8', { cause });
    }
  }

  floats(count: number): Float32Array<ArrayBuffer> {
    const copy = this.block(count * 4).slice();
    return new Float32Array(copy.buffer, 0, count);
  }
}

function fromUtf16(bytes: Uint8Array): string {
  const parts: string[] = [];
  const step = 8192;
  for (let from = 0; from < bytes.length; from += step) {
    const units: number[] = [];
    for (let i = from; i < Math.min(bytes.length, from + step); i += 2)
      units.push(bytes[i]! | (bytes[i + 1]! << 8));
    parts.push(String.fromCharCode(...units));
  }
  return parts.join('');
}

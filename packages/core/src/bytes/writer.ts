import { grown } from './grow.ts';

const encoder = new TextEncoder();

/** Builds a byte string of unsigned LEB128 integers, strings and blocks. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  length = 0;

  uint(value: number): void {
    this.#bytes = grown(this.#bytes, this.length + 10) as Uint8Array<ArrayBuffer>;
    // Beyond 32 bits the shift operators would wrap, so large values go through division.
    while (value > 0x7fffffff) {
      this.#bytes[this.length++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value > 0x7f) {
      this.#bytes[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.#bytes[this.length++] = value;
  }

  block(block: Uint8Array): void {
    this.#bytes = grown(this.#bytes, this.length + block.length) as Uint8Array<ArrayBuffer>;
    this.#bytes.set(block, this.length);
    this.length += block.length;
  }

  /** UTF-8 where that is lossless, UTF-16 where the text has lone surrogates. */
  string(text: string): void {
    if (text.isWellFormed()) {
      const utf8 = encoder.encode(text);
      this.uint(utf8.length * 2);
      this.block(utf8);
      return;
    }
    this.uint(text.length * 2 + 1);
    this.block(utf16(text));
  }

  /** Floats, little-endian, whatever the alignment. */
  floats(values: Float32Array): void {
    this.block(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

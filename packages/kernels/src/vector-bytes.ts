import { KernelsError } from './errors.ts';
import { PLANES, type VectorPrecision, rowBytes } from './vector-codec.ts';

/** A block taken apart. */
export interface BlockParts {
  precision: VectorPrecision;
  dimensions: number;
  /** One past the highest slot used. */
  slots: number;
  /** Which slots hold a vector: bit i of word w is slot 32 w + i. */
  live: Uint32Array;
  /** The numbers beside the rows: `PLANES[precision]` arrays of `slots` numbers. */
  planes: Float32Array[];
  rows: Uint8Array;
}

const MAGIC = 0x42565242; // "BRVB"
const VERSION = 1;
const HEADER = 32;
const PRECISIONS: readonly VectorPrecision[] = ['f32', 'int8', 'binary'];

/** Bytes that are copied in one step: well below a millisecond. */
const STEP = 1 << 20;

/**
 * Layout: magic, version, precision, dimensions, slots (u32 each, header of 32 bytes), live words, planes, rows.
 * `take` gives the parts anew for each step: WebAssembly memory that grew meanwhile has other views.
 */
export function* encodeBlock(take: () => BlockParts): Generator<undefined, Uint8Array> {
  const { precision, dimensions, slots, live, planes, rows } = take();
  const lengths = [live, ...planes, rows].map(({ byteLength }) => byteLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, HEADER));
  const header = [MAGIC, VERSION, PRECISIONS.indexOf(precision), dimensions, slots];
  new Uint32Array(bytes.buffer, 0, header.length).set(header);
  let at = HEADER;
  for (let part = 0; part < lengths.length; part++) {
    for (let from = 0; from < lengths[part]!; from += STEP) {
      const parts = take();
      const source = [parts.live, ...parts.planes, parts.rows][part]!;
      const length = Math.min(STEP, lengths[part]! - from);
      bytes.set(new Uint8Array(source.buffer, source.byteOffset + from, length), at + from);
      yield;
    }
    at += lengths[part]!;
  }
  return bytes;
}

/** @throws {KernelsError} `bad-data`, with the check that failed. */
export function decodeBlock(input: Uint8Array): BlockParts {
  // Typed arrays need alignment, which a section of a file may not have.
  const bytes = input.byteOffset % 4 === 0 ? input : input.slice();
  const fail = (what: string): never => {
    throw new KernelsError('bad-data', `Not a vector block: ${what}.`);
  };
  if (bytes.length < HEADER) fail(`${bytes.length} bytes are too few`);
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 5);
  if (header[0] !== MAGIC) fail('wrong magic number');
  if (header[1] !== VERSION) fail(`version ${header[1]}, this program reads ${VERSION}`);
  const precision = PRECISIONS[header[2]!] ?? fail(`unknown precision ${header[2]}`);
  const dimensions = header[3]!;
  const slots = header[4]!;
  const words = Math.ceil(slots / 32);
  const length = HEADER + words * 4 + PLANES[precision] * slots * 4 + slots * rowBytes(precision, dimensions);
  if (bytes.length !== length) fail(`${bytes.length} bytes where ${length} are due`);
  let at = bytes.byteOffset + HEADER;
  const live = new Uint32Array(bytes.buffer, at, words);
  at += words * 4;
  const planes: Float32Array[] = [];
  for (let i = 0; i < PLANES[precision]; i++, at += slots * 4)
    planes.push(new Float32Array(bytes.buffer, at, slots));
  return { precision, dimensions, slots, live, planes, rows: bytes.subarray(at - bytes.byteOffset) };
}

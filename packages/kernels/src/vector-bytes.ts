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

/** Layout: magic, version, precision, dimensions, slots (u32 each, header of 32 bytes), live words, planes, rows. */
export function encodeBlock(parts: BlockParts): Uint8Array {
  const { live, planes, rows } = parts;
  const planeBytes = planes.reduce((sum, plane) => sum + plane.byteLength, 0);
  const bytes = new Uint8Array(HEADER + live.byteLength + planeBytes + rows.byteLength);
  const header = [MAGIC, VERSION, PRECISIONS.indexOf(parts.precision), parts.dimensions, parts.slots];
  new Uint32Array(bytes.buffer, 0, header.length).set(header);
  let at = HEADER;
  for (const part of [live, ...planes, rows]) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
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

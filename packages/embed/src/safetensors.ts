import { EmbedError } from './errors.ts';

/** One tensor of a safetensors file: its bytes are a view of the file. */
export interface Tensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, the data.
 * @throws EmbedError `invalid-model` when the file is not one, or is cut short.
 */
export function readSafetensors(file: Uint8Array): Map<string, Tensor> {
  const bad = (why: string): never => {
    throw new EmbedError(
      'invalid-model',
      `The weights are no readable safetensors file: ${why}. Download the model again.`,
    );
  };
  if (file.byteLength < 8) bad('shorter than its header');
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > file.byteLength - 8) bad('the header is cut short');
  let header: Record<string, Entry> = {};
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  } catch {
    bad('the header is not JSON');
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    if (!(start >= 0 && start <= end && 8 + length + end <= file.byteLength)) bad(`${name} is cut short`);
    tensors.set(name, {
      dtype: entry.dtype,
      shape: entry.shape,
      bytes: file.subarray(8 + length + start, 8 + length + end),
    });
  }
  return tensors;
}

/** The numbers of a tensor as float32. */
export function toFloat32({ dtype, bytes }: Tensor): Float32Array {
  // A copy, also of Node's Buffer, whose `slice` is a view.
  const aligned = new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(aligned);
    case 'F64':
      return Float32Array.from(new Float64Array(aligned));
    case 'F16':
      return Float32Array.from(new Uint16Array(aligned), halfToFloat);
    case 'BF16': {
      const words = Uint32Array.from(new Uint16Array(aligned), (half) => half << 16);
      return new Float32Array(words.buffer);
    }
    case 'I8':
      return Float32Array.from(new Int8Array(aligned));
    case 'I32':
      return Float32Array.from(new Int32Array(aligned));
    case 'I64':
      return Float32Array.from(new BigInt64Array(aligned), Number);
    default:
      throw new EmbedError(
        'invalid-model',
        `The weights hold ${dtype} numbers, which cannot be read here. Use float16 or float32.`,
      );
  }
}

/** IEEE 754 half precision to a number. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

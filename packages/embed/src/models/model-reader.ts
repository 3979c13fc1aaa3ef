import { EmbedError, messageOf } from '../errors.ts';
import type { Dtype, ModelCard } from '../types.ts';

/** A configuration file. */
export type Json = Record<string, unknown>;

/** Reads what there is of a model, wherever it is. */
export interface ModelReader {
  /**
   * A configuration file. Undefined when there is no such file.
   * @throws EmbedError `invalid-model` when it is not JSON.
   */
  json(file: string): Promise<Json | undefined>;
  /** Bytes of a file, 0 when that is not told. Undefined when there is no such file. */
  size(file: string): Promise<number | undefined>;
  /** The first MiB of a file, or more. Undefined when there is no such file. */
  start(file: string): Promise<ReadableStream<Uint8Array> | undefined>;
}

/** @throws EmbedError `invalid-model` when the file is not JSON. */
export function parseJson(file: string, bytes: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch (error) {
    throw new EmbedError('invalid-model', `${file} is not JSON: ${messageOf(error)}`);
  }
}

const WEIGHTS: Record<Dtype, string[]> = {
  fp32: ['onnx/model.onnx', 'model.onnx'],
  fp16: ['onnx/model_fp16.onnx', 'model_fp16.onnx'],
  int8: ['onnx/model_quantized.onnx', 'onnx/model_int8.onnx', 'model_quantized.onnx'],
};

/** Which ONNX weights there are, with their sizes: in the model's folder, or in the one of its first module. */
export async function findWeights(
  reader: ModelReader,
  folder: string,
): Promise<Pick<ModelCard, 'bytes'> & Pick<ModelCard['files'], 'weights' | 'external'>> {
  const weights: ModelCard['files']['weights'] = {};
  const external: Partial<Record<Dtype, string[]>> = {};
  const bytes: ModelCard['bytes'] = {};
  const find = async (dtype: Dtype): Promise<void> => {
    for (const name of new Set([...WEIGHTS[dtype], ...WEIGHTS[dtype].map((name) => folder + name)])) {
      const size = await reader.size(name);
      if (size === undefined) continue;
      weights[dtype] = name;
      if (size > 0) bytes[dtype] = size;
      if ((await reader.size(`${name}_data`)) !== undefined) external[dtype] = [`${name}_data`];
      return;
    }
  };
  await Promise.all((Object.keys(WEIGHTS) as Dtype[]).map(find));
  return { weights, bytes, ...(Object.keys(external).length > 0 && { external }) };
}

/** A header of safetensors that is larger than this is none. */
const MOST_HEADER_BYTES = 1 << 20;

/**
 * Shapes of the tensors of a safetensors file, by its header alone; undefined when there is no such file.
 * @throws EmbedError `invalid-model`
 */
export async function readShapes(
  reader: ModelReader,
  file: string,
): Promise<Record<string, number[]> | undefined> {
  const body = await reader.start(file);
  if (!body) return undefined;
  try {
    const header = await readHeader(body);
    return Object.fromEntries(
      Object.entries(header).flatMap(([name, { shape }]) => (shape ? [[name, shape]] : [])),
    );
  } catch (error) {
    throw new EmbedError('invalid-model', `${file} is no readable safetensors file: ${messageOf(error)}`);
  }
}

async function readHeader(body: ReadableStream<Uint8Array>): Promise<Record<string, { shape?: number[] }>> {
  const reader = body.getReader();
  try {
    let bytes = new Uint8Array(0);
    let wanted = 8;
    while (bytes.length < wanted) {
      const { done, value } = await reader.read();
      if (done) throw new Error('it is cut short');
      const more = new Uint8Array(bytes.length + value.length);
      more.set(bytes);
      more.set(value, bytes.length);
      bytes = more;
      if (bytes.length >= 8) wanted = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
      if (wanted > MOST_HEADER_BYTES) throw new Error('its header is too long');
    }
    return JSON.parse(new TextDecoder().decode(bytes.subarray(8, wanted))) as Record<
      string,
      { shape?: number[] }
    >;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

import type * as Ort from 'onnxruntime-web/wasm';
import { pooledDimensions } from '../dense.ts';
import { EmbedError, messageOf } from '../errors.ts';
import { poolTogether } from '../pooling.ts';
import { halfToFloat } from '../safetensors.ts';
import type { ModelCard, Pooling } from '../types.ts';
import type { Backend, BackendRequest } from './backend.ts';
import { acquireGpu, type Gpu } from './gpu.ts';
import { loadRuntime, withMemory } from './onnx-runtime.ts';

/**
 * On a GPU a batch fills the machine; on the CPU it only saves the cost of a call, which shows for short texts alone. int8
 * goes text by text: dynamic quantisation rounds all of a tensor by its largest number, so that batch mates would change
 * a vector (cosine 0.987 to the text alone was seen for a text of one word).
 */
function tokenBudgetOf({ device, dtype }: BackendRequest): number {
  if (dtype === 'int8') return 1;
  return device === 'webgpu' ? 4096 : 128;
}

/** Runs an ONNX model in ONNX Runtime: `wasm` on the CPU, `webgpu` on the GPU. Asks for the one output that is needed. */
export async function createOnnxBackend(request: BackendRequest): Promise<Backend> {
  const device = request.device as 'wasm' | 'webgpu';
  const gpu = device === 'webgpu' ? await acquireGpu(request.allowSoftwareAdapter) : undefined;
  const ort = await loadRuntime(request);
  const { made: session, memory } = await withMemory(() => createSession(ort, request, gpu));
  const { card } = request;
  const output = outputOf(session, card);

  async function run(sequences: Int32Array[]): Promise<Float32Array> {
    const width = sequences.reduce((most, { length }) => Math.max(most, length), 1);
    const feeds = buildFeeds(ort, session, sequences, width);
    const running = session.run(feeds, [output]);
    const results = await (gpu ? Promise.race([running, gpu.lost]) : running);
    const tensor = results[output]!;
    const values = toFloats(tensor);
    tensor.dispose();
    return shapeRows(values, tensor.dims, card, sequences, width, output);
  }

  return {
    tokenBudget: tokenBudgetOf(request),
    adapter: gpu?.name,
    embed: run,
    memory,
    async dispose() {
      await session.release();
      gpu?.device.destroy();
    },
  };
}

async function createSession(
  ort: typeof Ort,
  request: BackendRequest,
  gpu: Gpu | undefined,
): Promise<Ort.InferenceSession> {
  const { card, device, dtype, files } = request;
  const name = card.files.weights[dtype];
  const weights = name === undefined ? undefined : files[name];
  if (!weights) throw new EmbedError('invalid-model', `${card.id} has no ${dtype} weights.`);
  const externalData = (card.files.external?.[dtype] ?? []).map((path) => ({
    path: path.split('/').at(-1)!,
    data: files[path]!,
  }));
  const provider =
    device === 'wasm' ? 'wasm' : { name: 'webgpu' as const, device: gpu!.device, validationMode: 'disabled' };
  try {
    return await ort.InferenceSession.create(weights, {
      executionProviders: [provider as Ort.InferenceSession.ExecutionProviderConfig],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(externalData.length > 0 && { externalData }),
    });
  } catch (cause) {
    throw new EmbedError(
      'backend-failed',
      `ONNX Runtime cannot load ${name} on ${device}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** The output that is wanted: the pooled one where the card says that the graph pools, else the token vectors. */
function outputOf(session: Ort.InferenceSession, card: ModelCard): string {
  const wanted =
    card.pooling === 'graph'
      ? ['sentence_embedding', 'embeddings']
      : ['last_hidden_state', 'token_embeddings'];
  const name = wanted.find((name) => session.outputNames.includes(name)) ?? session.outputNames[0];
  if (name === undefined) throw new EmbedError('invalid-model', `The graph of ${card.id} has no output.`);
  return name;
}

function buildFeeds(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  sequences: Int32Array[],
  width: number,
): Record<string, Ort.Tensor> {
  const shape = [sequences.length, width];
  const feeds: Record<string, Ort.Tensor> = {};
  for (const name of session.inputNames) {
    const values = new BigInt64Array(sequences.length * width);
    sequences.forEach((ids, row) => {
      for (let i = 0; i < ids.length; i++) values[row * width + i] = valueOf(name, ids[i]!, i);
    });
    feeds[name] = new ort.Tensor('int64', values, shape);
  }
  return feeds;
}

function valueOf(input: string, id: number, place: number): bigint {
  switch (input) {
    case 'input_ids':
      return BigInt(id);
    case 'attention_mask':
      return 1n;
    case 'token_type_ids':
      return 0n;
    case 'position_ids':
      return BigInt(place);
    default:
      throw new EmbedError(
        'unsupported',
        `The graph wants an input ${input}, which a text embedder does not have.`,
      );
  }
}

function toFloats(tensor: Ort.Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data as Float32Array;
  if (tensor.type !== 'float16')
    throw new EmbedError('unsupported', `The graph's output is ${tensor.type}, not float.`);
  const data = tensor.data as unknown as Uint16Array | Iterable<number>;
  return data instanceof Uint16Array ? Float32Array.from(data, halfToFloat) : Float32Array.from(data);
}

function shapeRows(
  values: Float32Array,
  dims: readonly number[],
  card: ModelCard,
  sequences: Int32Array[],
  width: number,
  output: string,
): Float32Array {
  const { pooling } = card;
  const poolings = [pooling].flat();
  const dimensions = pooledDimensions(card) / poolings.length;
  const expected =
    pooling === 'graph' ? [sequences.length, dimensions] : [sequences.length, width, dimensions];
  if (expected.join() !== dims.join()) {
    throw new EmbedError(
      'invalid-model',
      `${output} of ${card.id} is ${dims.join(' × ')}, the card says ${expected.join(' × ')}.`,
    );
  }
  // Copied: the runtime may use its memory again.
  if (pooling === 'graph') return values.slice();
  return poolTogether(
    poolings as Exclude<Pooling, 'graph'>[],
    values,
    sequences.map(({ length }) => length),
    width,
    dimensions,
  );
}

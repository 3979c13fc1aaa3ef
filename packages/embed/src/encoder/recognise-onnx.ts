import { Graph } from './graph.ts';
import {
  afterPadding,
  type Layer,
  type ModelConfig,
  type Norm,
  type TextModel,
  unrecognised,
} from './model.ts';
import { readOnnx } from './onnx-file.ts';

/**
 * Reads a text encoder out of an ONNX file, in any precision that exporters write. Parameters that keep their names
 * (biases, LayerNorms) say what each product is for; the rest follows from the graph.
 * @throws EmbedError `unsupported` when the architecture is not known here, `invalid-model` for a damaged file.
 */
export function recogniseOnnx(
  file: Uint8Array,
  options: { config?: ModelConfig; external?: Record<string, Uint8Array> } = {},
): TextModel {
  const graph = new Graph(readOnnx(file, options.external));
  if (graph.find('layer0.qkv.bias')) return readUseLite(graph);
  if (graph.find('encoder.layer.0.attention.self.query.bias')) return readBert(graph, options.config ?? {});
  throw unrecognised('its layers have none of the names of BERT encoders');
}

function norm(graph: Graph, prefix: string, config: ModelConfig): Norm {
  const weight =
    graph.find(`${prefix}.weight`) ?? graph.find(`${prefix}.gamma`) ?? graph.find(`${prefix}.scale`);
  const bias = graph.find(`${prefix}.bias`) ?? graph.find(`${prefix}.beta`);
  if (weight === undefined || bias === undefined) throw unrecognised(`${prefix} is missing`);
  const epsilon = graph.epsilon(weight) ?? config.layer_norm_eps ?? 1e-12;
  return { weight: graph.floats(weight), bias: graph.floats(bias), epsilon };
}

function linear(graph: Graph, prefix: string): Layer['output'] {
  const bias = graph.find(`${prefix}.bias`);
  if (bias === undefined) throw unrecognised(`${prefix}.bias is missing`);
  return graph.linear(bias);
}

/** BERT, RoBERTa (other positions), and jina-bert (ALiBi instead of positions, gated feed-forward without a bias). */
function readBert(graph: Graph, config: ModelConfig): TextModel {
  const word = graph.tableOf('input_ids');
  if (!word) throw unrecognised('no table of word embeddings was found');
  const width = word.width;
  let count = 0;
  while (graph.find(`encoder.layer.${count}.attention.self.query.bias`)) count++;
  if (graph.find('encoder.layer.0.attention.self.layer_norm_q.weight'))
    throw unrecognised('it normalises queries');
  if (graph.find('encoder.layer.0.attention.self.distance_embedding.weight'))
    throw unrecognised('its positions are relative');
  const query = graph.find('encoder.layer.0.attention.self.query.bias')!;
  const size = config.num_attention_heads ? width / config.num_attention_heads : graph.headSize(query);
  if (size === undefined || !Number.isInteger(width / size))
    throw unrecognised('the number of attention heads is unknown');
  const gated = graph.find('encoder.layer.0.mlp.wo.bias') !== undefined;
  const down = gated ? linear(graph, 'encoder.layer.0.mlp.wo').inputs : 0;
  const gates = gated ? graph.productsOfShape(width, 2 * down) : [];
  if (gated && gates.length !== count) throw unrecognised('its gated layers were not found');
  const layers: Layer[] = [];
  for (let i = 0; i < count; i++) {
    const at = `encoder.layer.${i}`;
    const feedForward = gated ? `${at}.mlp.wo` : `${at}.intermediate.dense`;
    layers.push({
      qkv: ['query', 'key', 'value'].map((part) => linear(graph, `${at}.attention.self.${part}`)),
      heads: width / size,
      scale: 1 / Math.sqrt(size),
      output: linear(graph, `${at}.attention.output.dense`),
      norm1: norm(graph, `${at}.attention.output.LayerNorm`, config),
      up: gated ? gates[i]! : linear(graph, feedForward),
      gated,
      activation: gated ? 'gelu' : graph.activationAfter(graph.find(`${feedForward}.bias`)!),
      down: gated ? linear(graph, feedForward) : linear(graph, `${at}.output.dense`),
      norm2: norm(graph, gated ? `${at}.mlp.layernorm` : `${at}.output.LayerNorm`, config),
    });
  }
  const type = graph.tableOf('token_type_ids') ?? tableNamed(graph, 'token_type_embeddings.weight');
  const table = gated ? undefined : positionTable(graph, width);
  if (!gated && !table) throw unrecognised('no table of positions was found');
  // Positions that are counted over what is no padding are RoBERTa's.
  const counted = graph.file.nodes.some(({ op }) => op === 'CumSum');
  const position = table && counted ? afterPadding(table, config) : table;
  return {
    family: gated ? 'jina-bert' : 'bert',
    norm: 'post',
    word,
    type: type && firstRow(type),
    position,
    norm0: norm(graph, 'embeddings.LayerNorm', config),
    layers,
    alibi: gated,
  };
}

function tableNamed(graph: Graph, ending: string): TextModel['position'] {
  const name = graph.find(ending) ?? graph.find(`${ending}_quantized`);
  return name === undefined ? undefined : graph.table(name);
}

/** The table of positions by its name, else the one that is looked up, or cut, by what is no input of the model. */
function positionTable(graph: Graph, width: number): TextModel['position'] {
  const named = tableNamed(graph, 'position_embeddings.weight');
  if (named) return named;
  for (const node of graph.file.nodes) {
    if (node.op !== 'Gather' && node.op !== 'Slice') continue;
    if (node.op === 'Gather' && /input_ids|token_type_ids/.test(node.inputs[1] ?? '')) continue;
    const table = graph.table(node.inputs[0]!);
    if (table?.width === width) return table;
  }
  return undefined;
}

function firstRow({ values, width, scales, zero = 0 }: NonNullable<TextModel['position']>): Float32Array {
  return Float32Array.from({ length: width }, (_, i) => (values[i]! - zero) * (scales ? scales[0]! : 1));
}

/** The ONNX form of Universal Sentence Encoder lite that `@burrow/model-use-lite` builds. */
function readUseLite(graph: Graph): TextModel {
  const table = graph.constant('embeddings');
  if (table?.dims.length !== 2) throw unrecognised('no table of embeddings was found');
  const scales = graph.constant('embeddings.scales');
  const [rows, width] = table.dims as [number, number];
  const word = scales
    ? {
        rows,
        width,
        values: new Int8Array(table.bytes.buffer, table.bytes.byteOffset, table.bytes.length),
        scales: graph.floats('embeddings.scales'),
      }
    : { rows, width, values: graph.floats('embeddings') };
  const layers: Layer[] = [];
  for (let i = 0; graph.find(`layer${i}.qkv.bias`); i++) {
    const heads = graph.floats(`layer${i}.heads`);
    layers.push({
      qkv: [linear(graph, `layer${i}.qkv`)],
      heads: heads[2]!,
      scale: 1, // folded into the weights of the queries
      output: linear(graph, `layer${i}.output`),
      residual: i === 0 ? linear(graph, 'residual') : undefined,
      norm1: norm(graph, `layer${i}.norm1`, {}),
      up: linear(graph, `layer${i}.conv1`),
      gated: false,
      activation: 'relu',
      down: linear(graph, `layer${i}.conv2`),
      norm2: norm(graph, `layer${i}.norm2`, {}),
    });
  }
  const position = graph.table('positions');
  return {
    family: 'use-lite',
    norm: 'pre',
    word,
    position,
    layers,
    alibi: false,
    head: { linear: linear(graph, 'head'), activation: 'tanh' },
  };
}

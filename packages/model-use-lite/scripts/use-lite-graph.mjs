// Universal Sentence Encoder lite as an ONNX graph: two pre-LN transformer layers, masked mean, one dense layer, unit length.
import { OnnxGraph } from './onnx-graph.mjs';

export const MAX_TOKENS = 128;
export const DIMENSIONS = 512;
const EMBEDDING = 256;
const HEADS = 4;
const LAYER_NORM_EPSILON = 1e-6;

const APPLY = 'module_apply_default/Encoder_en/KonaTransformer/Encode/';
const MODULE = 'module/Encoder_en/KonaTransformer/Encode/';

/** `int8`: dynamic quantisation, int8 weights with one scale per column, embeddings int8 with one scale per row. */
export function buildGraph(weights, precision) {
  const graph = new OnnxGraph();
  const values = (name) => {
    const weight = weights.get(name);
    if (!weight) throw new Error(`The model has no weight ${name}.`);
    return weight.values;
  };
  const vector = (label, name) => graph.constant(label, 'float32', [values(name).length], values(name));
  const int8 = precision === 'int8';
  const quantized = new Map();

  /** input · kernel + bias */
  function dense(input, label, kernel, [rows, columns], bias, quantize = int8) {
    const product = quantize
      ? integerProduct(input, label, kernel, rows, columns)
      : graph.node('MatMul', [input, graph.constant(`${label}.kernel`, 'float32', [rows, columns], kernel)]);
    return graph.node('Add', [product, bias]);
  }

  function integerProduct(input, label, kernel, rows, columns) {
    if (!quantized.has(input)) quantized.set(input, graph.node('DynamicQuantizeLinear', [input], {}, 3));
    const [codes, scale, zero] = quantized.get(input);
    const { integers, scales } = quantizeColumns(kernel, rows, columns);
    const product = graph.node('MatMulInteger', [
      codes,
      graph.constant(`${label}.kernel`, 'int8', [rows, columns], integers),
      zero,
    ]);
    const both = graph.node('Mul', [scale, graph.constant(`${label}.scales`, 'float32', [columns], scales)]);
    return graph.node('Mul', [graph.node('Cast', [product], { to: 1 }), both]);
  }

  const layerNorm = (input, label, name) =>
    graph.node(
      'LayerNormalization',
      [
        input,
        vector(`${label}.scale`, `${name}layer_norm_scale/ConcatPartitions/concat`),
        vector(`${label}.bias`, `${name}layer_norm_bias/ConcatPartitions/concat`),
      ],
      { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } },
    );

  function attention(input, label, layer, width, mask) {
    const head = width / HEADS;
    // The scale of the scores goes into the queries' weights.
    const scaleQueries = (array, columns) =>
      array.map((value, i) => (i % columns < width ? value / Math.sqrt(head) : value));
    const kernel = scaleQueries(
      values(`${MODULE}${layer}MultiheadAttention/qkv_transform_single/kernel/part_0`),
      3 * width,
    );
    const bias = scaleQueries(
      values(`${APPLY}${layer}MultiheadAttention/qkv_transform_single/bias/ConcatPartitions/concat`),
      3 * width,
    );
    const all = dense(
      input,
      `${label}.qkv`,
      kernel,
      [width, 3 * width],
      graph.constant(`${label}.qkv.bias`, 'float32', [3 * width], bias),
    );
    const [query, key, value] = graph.node('Split', [all, splits(width)], { axis: -1 }, 3);
    const shape = graph.constant(`${label}.heads`, 'int64', [4], [0n, 0n, BigInt(HEADS), BigInt(head)]);
    const heads = (name, perm) => graph.node('Transpose', [graph.node('Reshape', [name, shape])], { perm });
    const scores = graph.node('MatMul', [heads(query, [0, 2, 1, 3]), heads(key, [0, 2, 3, 1])]);
    const shares = graph.node('Softmax', [graph.node('Add', [scores, mask])], { axis: -1 });
    const context = graph.node('Transpose', [graph.node('MatMul', [shares, heads(value, [0, 2, 1, 3])])], {
      perm: [0, 2, 1, 3],
    });
    const merged = graph.node('Reshape', [
      context,
      graph.constant(`${label}.merged`, 'int64', [3], [0n, 0n, BigInt(width)]),
    ]);
    return dense(
      merged,
      `${label}.output`,
      values(`${MODULE}${layer}MultiheadAttention/output_transform_single/kernel/part_0`),
      [width, DIMENSIONS],
      vector(
        `${label}.output.bias`,
        `${APPLY}${layer}MultiheadAttention/output_transform_single/bias/ConcatPartitions/concat`,
      ),
    );
  }

  function feedForward(input, label, layer) {
    const kernel = (name) => weights.get(`${APPLY}TransformerStack/${layer}FFN/${name}/Tensordot/Reshape_1`);
    const bias = (name) =>
      vector(`${label}.${name}.bias`, `${APPLY}${layer}FFN/${name}/bias/ConcatPartitions/concat`);
    const wide = graph.node('Relu', [
      dense(input, `${label}.conv1`, kernel('conv1').values, kernel('conv1').shape, bias('conv1')),
    ]);
    return dense(wide, `${label}.conv2`, kernel('conv2').values, kernel('conv2').shape, bias('conv2'));
  }

  const splits = (width) => graph.constant(`splits.${width}`, 'int64', [3], Array(3).fill(BigInt(width)));
  const axes = (...list) =>
    graph.constant(`axes.${list.join('.')}`, 'int64', [list.length], list.map(BigInt));

  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence']);
  const attentionMask = graph.input('attention_mask', 'int64', ['batch', 'sequence']);
  const mask = graph.node('Cast', [attentionMask], { to: 1 });
  const absent = graph.node('Sub', [mask, graph.constant('one', 'float32', [], [1])]);
  const scoreMask = graph.node('Unsqueeze', [
    graph.node('Mul', [absent, graph.constant('far', 'float32', [], [1e9])]),
    axes(1, 2),
  ]);

  // Twice the embedding, plus its position.
  const table = values('module/Embeddings_en').map((value) => 2 * value);
  const rows = table.length / EMBEDDING;
  let embedded;
  if (int8) {
    const { integers, scales } = quantizeRows(table, rows, EMBEDDING);
    const codes = graph.node('Gather', [
      graph.constant('embeddings', 'int8', [rows, EMBEDDING], integers),
      ids,
    ]);
    const scale = graph.node('Gather', [
      graph.constant('embeddings.scales', 'float32', [rows, 1], scales),
      ids,
    ]);
    embedded = graph.node('Mul', [graph.node('Cast', [codes], { to: 1 }), scale]);
  } else {
    embedded = graph.node('Gather', [graph.constant('embeddings', 'float32', [rows, EMBEDDING], table), ids]);
  }
  const frequencies = values(`${APPLY}TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`);
  const positions = graph.constant(
    'positions',
    'float32',
    [MAX_TOKENS, EMBEDDING],
    positionTable(frequencies),
  );
  const length = graph.node('Slice', [graph.node('Shape', [ids]), ...slice('length', 1, 2)]);
  const used = graph.node('Slice', [
    positions,
    graph.constant('from', 'int64', [1], [0n]),
    length,
    graph.constant('axis', 'int64', [1], [0n]),
  ]);
  let x = graph.node('Add', [embedded, used]);

  function slice(label, start, end) {
    return [
      graph.constant(`${label}.start`, 'int64', [1], [BigInt(start)]),
      graph.constant(`${label}.end`, 'int64', [1], [BigInt(end)]),
    ];
  }

  for (const [index, width] of [EMBEDDING, DIMENSIONS].entries()) {
    const layer = `Layer_${index}/TransformerLayer/`;
    const label = `layer${index}`;
    const normal = layerNorm(x, `${label}.norm1`, `${APPLY}${layer}layer_prepostprocess/layer_norm/`);
    const attended = attention(normal, label, layer, width, scoreMask);
    const residual =
      index === 0
        ? dense(
            x,
            'residual',
            values(`${APPLY}${layer}dense/kernel/ConcatPartitions/concat`),
            [EMBEDDING, DIMENSIONS],
            vector('residual.bias', `${APPLY}${layer}dense/bias/ConcatPartitions/concat`),
            false,
          )
        : x;
    const sum = graph.node('Add', [residual, attended]);
    const inner = layerNorm(sum, `${label}.norm2`, `${APPLY}${layer}FFN/layer_prepostprocess/layer_norm/`);
    x = graph.node('Add', [sum, feedForward(inner, label, layer)]);
  }

  const tokenMask = graph.node('Unsqueeze', [mask, axes(2)]);
  const total = graph.node('ReduceSum', [graph.node('Mul', [x, tokenMask]), axes(1)], { keepdims: 0 });
  const count = graph.node('ReduceSum', [mask, axes(1)], { keepdims: 1 });
  const mean = graph.node('Div', [total, count]);
  const head = 'module/Encoder_en/hidden_layers/tanh_layer_0/';
  const squashed = graph.node('Tanh', [
    dense(
      mean,
      'head',
      values(`${head}weights`),
      [DIMENSIONS, DIMENSIONS],
      vector('head.bias', `${head}bias`),
    ),
  ]);
  const norm = graph.node('Sqrt', [
    graph.node('ReduceSum', [graph.node('Mul', [squashed, squashed]), axes(1)], { keepdims: 1 }),
  ]);
  graph.node('Div', [squashed, norm], {}, ['sentence_embedding']);
  graph.output('sentence_embedding', 'float32', ['batch', DIMENSIONS]);
  return graph.serialize('use-lite');
}

/** Row p: sine of p · f, then cosine of p · f. */
function positionTable(frequencies) {
  const table = new Float32Array(MAX_TOKENS * EMBEDDING);
  for (let p = 0; p < MAX_TOKENS; p++) {
    frequencies.forEach((frequency, i) => {
      table[p * EMBEDDING + i] = Math.sin(p * frequency);
      table[p * EMBEDDING + frequencies.length + i] = Math.cos(p * frequency);
    });
  }
  return table;
}

function quantizeColumns(kernel, rows, columns) {
  const scales = new Float32Array(columns);
  for (let i = 0; i < rows * columns; i++)
    scales[i % columns] = Math.max(scales[i % columns], Math.abs(kernel[i]) / 127);
  return {
    scales,
    integers: Int8Array.from(kernel, (value, i) => Math.round(value / (scales[i % columns] || 1))),
  };
}

function quantizeRows(table, rows, columns) {
  const scales = new Float32Array(rows);
  for (let i = 0; i < rows * columns; i++) {
    const row = Math.floor(i / columns);
    scales[row] = Math.max(scales[row], Math.abs(table[i]) / 127);
  }
  return {
    scales,
    integers: Int8Array.from(table, (value, i) => Math.round(value / (scales[Math.floor(i / columns)] || 1))),
  };
}

// A small BERT as an ONNX file, node by node as PyTorch's exporter and the converters behind it leave it.
import { normals } from './encoder-reference.ts';
import { type ElementType, OnnxWriter } from './onnx-writer.ts';

const [WIDTH, HEADS, SIZE, WIDE, WORDS, PLACES, LAYERS] = [32, 4, 8, 64, 50, 40, 2];

export const BERT_WIDTH: number = WIDTH;

export interface BertGraphOptions {
  /** Weights and arithmetic in half precision, inputs and outputs as before. */
  half?: boolean;
  /** LayerNorm in nine nodes, as before opset 17. */
  decomposed?: boolean;
  /** Weights in 8 bits, each behind a DequantizeLinear: one scale for all, for each output, or (unusual) each input. */
  quantised?: 'tensor' | 'outputs' | 'inputs';
  /** Positions counted from 2, over what is not the padding 1. */
  roberta?: boolean;
  /** Biases behind a DequantizeLinear, too, under another name. */
  quantisedBiases?: boolean;
}

export function bertGraph(options: BertGraphOptions): Uint8Array {
  const { half = false, decomposed = false, quantised, quantisedBiases = false, roberta = false } = options;
  const writer = new OnnxWriter();
  const random = normals(11);
  const F: ElementType = half ? 'float16' : 'float';
  let constants = 0;
  const scalar = (value: number): string => writer.constant(`c${constants++}`, F, [], [value]);
  const integers = (...values: number[]): string =>
    writer.constant(`c${constants++}`, 'int64', [values.length], values);
  const vector = (name: string, deviation: number, around = 0): string =>
    writer.constant(
      name,
      F,
      [WIDTH],
      random(WIDTH, deviation).map((x) => x + around),
    );

  function eightBits(name: string, [rows, columns]: [number, number], values: Float32Array): string {
    const axis = quantised === 'inputs' ? 0 : 1;
    const groups = quantised === 'tensor' ? 1 : axis === 0 ? rows : columns;
    const groupOf = (i: number): number =>
      groups === 1 ? 0 : axis === 0 ? Math.floor(i / columns) : i % columns;
    const scales = new Float32Array(groups);
    values.forEach((x, i) => (scales[groupOf(i)] = Math.max(scales[groupOf(i)]!, Math.abs(x) / 127)));
    const dims = quantised === 'tensor' ? [] : [groups];
    const inputs = [
      writer.constant(
        `${name}_quantized`,
        'int8',
        [rows, columns],
        values.map((x, i) => Math.round(x / scales[groupOf(i)]!)),
      ),
      writer.constant(`${name}_scale`, 'float', dims, scales),
      writer.constant(`${name}_zero_point`, 'int8', dims, new Int8Array(groups)),
    ];
    return writer.node('DequantizeLinear', inputs, { axis });
  }

  function matrix(name: string, rows: number, columns: number, deviation: number): string {
    const values = random(rows * columns, deviation);
    if (quantised) return eightBits(name, [rows, columns], values);
    return writer.constant(name, F, [rows, columns], values);
  }

  function bias(name: string, length: number): string {
    const values = random(length, 0.1);
    if (!quantisedBiases) return writer.constant(name, F, [length], values);
    const inputs = [
      writer.constant(
        `${name}_quantized`,
        'int32',
        [length],
        values.map((x) => Math.round(x * 1e6)),
      ),
      writer.constant(`${name}_quantized_scale`, 'float', [], [1e-6]),
    ];
    return writer.node('DequantizeLinear', inputs);
  }

  // Exporters name the weights of products after the node, and biases after the module.
  function dense(name: string, x: string, inputs: number, outputs: number): string {
    const product = writer.node('MatMul', [
      x,
      matrix(`onnx::MatMul_${constants++}`, inputs, outputs, inputs ** -0.5),
    ]);
    return writer.node('Add', [bias(`${name}.bias`, outputs), product]);
  }

  function layerNorm(name: string, x: string): string {
    const weight = vector(`${name}.weight`, 0.2, 1);
    const shift = vector(`${name}.bias`, 0.2);
    if (!decomposed)
      return writer.node('LayerNormalization', [x, weight, shift], { axis: 2, epsilon: { float: 1e-6 } });
    const centred = writer.node('Sub', [x, writer.node('ReduceMean', [x], { axes: [2] })]);
    const square = writer.node('Pow', [centred, scalar(2)]);
    const variance = writer.node('ReduceMean', [square], { axes: [2] });
    const deviation = writer.node('Sqrt', [writer.node('Add', [variance, scalar(1e-6)])]);
    const scaled = writer.node('Mul', [writer.node('Div', [centred, deviation]), weight]);
    return writer.node('Add', [scaled, shift]);
  }

  function attention(at: string, x: string, mask: string): string {
    const heads = (part: string, perm: number[]): string => {
      const rows = dense(`${at}.self.${part}`, x, WIDTH, WIDTH);
      return writer.node('Transpose', [writer.node('Reshape', [rows, integers(0, 0, HEADS, SIZE)])], {
        perm,
      });
    };
    const [query, key, value] = [
      heads('query', [0, 2, 1, 3]),
      heads('key', [0, 2, 3, 1]),
      heads('value', [0, 2, 1, 3]),
    ];
    const scores = writer.node('Div', [writer.node('MatMul', [query, key]), scalar(Math.sqrt(SIZE))]);
    const weights = writer.node('Softmax', [writer.node('Add', [scores, mask])], { axis: 3 });
    const context = writer.node('Transpose', [writer.node('MatMul', [weights, value])], {
      perm: [0, 2, 1, 3],
    });
    const joined = writer.node('Reshape', [context, integers(0, 0, WIDTH)]);
    return layerNorm(
      `${at}.output.LayerNorm`,
      writer.node('Add', [dense(`${at}.output.dense`, joined, WIDTH, WIDTH), x]),
    );
  }

  function feedForward(at: string, x: string): string {
    const wide = dense(`${at}.intermediate.dense`, x, WIDTH, WIDE);
    const erf = writer.node('Erf', [writer.node('Div', [wide, scalar(Math.SQRT2)])]);
    const gelu = writer.node('Mul', [
      writer.node('Mul', [wide, writer.node('Add', [erf, scalar(1)])]),
      scalar(0.5),
    ]);
    return layerNorm(
      `${at}.output.LayerNorm`,
      writer.node('Add', [dense(`${at}.output.dense`, gelu, WIDE, WIDTH), x]),
    );
  }

  function counted(): string {
    const padding = writer.node('Equal', ['input_ids', integers(1)]);
    const mask = writer.node('Cast', [writer.node('Not', [padding])], { to: OnnxWriter.type('int64') });
    const sums = writer.node('CumSum', [mask, writer.constant(`c${constants++}`, 'int64', [], [1])]);
    return writer.node('Add', [writer.node('Mul', [sums, mask]), integers(1)]);
  }

  const lookUp = (table: string, rows: number, ids: string): string =>
    writer.node('Gather', [matrix(`embeddings.${table}.weight`, rows, WIDTH, 1), ids]);
  const length = writer.node('Gather', [writer.node('Shape', ['input_ids']), integers(1)]);
  const ids = writer.constant(
    'embeddings.position_ids',
    'int64',
    [1, PLACES],
    Array.from({ length: PLACES }, (_, i) => i),
  );
  const places = roberta ? counted() : writer.node('Slice', [ids, integers(0), length, integers(1)]);
  const words = writer.node('Add', [
    lookUp('word_embeddings', WORDS, 'input_ids'),
    lookUp('token_type_embeddings', 2, 'token_type_ids'),
  ]);
  const sum = writer.node('Add', [
    words,
    lookUp('position_embeddings', roberta ? PLACES + 2 : PLACES, places),
  ]);
  const cast = writer.node('Cast', [writer.node('Unsqueeze', ['attention_mask', integers(1, 2)])], {
    to: OnnxWriter.type(F),
  });
  const mask = writer.node('Mul', [writer.node('Sub', [scalar(1), cast]), scalar(-10000)]);
  let x = layerNorm('embeddings.LayerNorm', sum);
  for (let i = 0; i < LAYERS; i++) {
    x = attention(`encoder.layer.${i}.attention`, x, mask);
    x = feedForward(`encoder.layer.${i}`, x);
  }
  writer.node(
    half ? 'Cast' : 'Identity',
    [x],
    half ? { to: OnnxWriter.type('float') } : {},
    'last_hidden_state',
  );
  return writer.bytes(['input_ids', 'attention_mask', 'token_type_ids'], 'last_hidden_state', WIDTH);
}

import * as ort from 'onnxruntime-web/wasm';
import moduleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Engine } from '../harness/engine.ts';
import { onnxModel, type OnnxConstant, type OnnxNode, type OnnxValue } from './onnx-bytes.ts';
import { operands, timeRepeated, type OperatorRun, type OperatorShape } from './operator-types.ts';

/** The same operators in ONNX Runtime's WebAssembly build, one thread, weights as constants. int8 is its dynamic quantisation. */
export async function open(): Promise<Engine> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = {
    mjs: new URL(moduleUrl, import.meta.url).href,
    wasm: new URL(wasmUrl, import.meta.url).href,
  };

  async function prepare(
    shape: OperatorShape,
  ): Promise<{ session: ort.InferenceSession; feeds: Record<string, ort.Tensor> }> {
    const { operator, m, k, n } = shape;
    const { a, b } = operands(shape);
    const inputs: OnnxValue[] = [{ name: 'a', type: 'float32', shape: [m, k] }];
    const feeds = { a: new ort.Tensor('float32', a, [m, k]) };
    const constants: OnnxConstant[] = [];
    let nodes: OnnxNode[];
    if (operator === 'softmax')
      nodes = [{ operator: 'Softmax', inputs: ['a'], outputs: ['y'], attributes: { axis: 1 } }];
    else if (operator === 'matmul f32' || operator === 'scan f32') {
      constants.push({ name: 'b', type: 'float32', shape: [k, n], values: b });
      nodes = [{ operator: 'MatMul', inputs: ['a', 'b'], outputs: ['y'] }];
    } else {
      const { codes, scales } = quantiseColumns(b, k, n);
      constants.push(
        { name: 'b', type: 'int8', shape: [k, n], values: codes },
        { name: 'scales', type: 'float32', shape: [n], values: scales },
      );
      nodes = [
        { operator: 'DynamicQuantizeLinear', inputs: ['a'], outputs: ['codes', 'scale', 'zero'] },
        { operator: 'MatMulInteger', inputs: ['codes', 'b', 'zero'], outputs: ['product'] },
        { operator: 'Cast', inputs: ['product'], outputs: ['float'], attributes: { to: 1 } },
        { operator: 'Mul', inputs: ['scale', 'scales'], outputs: ['both'] },
        { operator: 'Mul', inputs: ['float', 'both'], outputs: ['y'] },
      ];
    }
    const outputs: OnnxValue[] = [
      { name: 'y', type: 'float32', shape: operator === 'softmax' ? [m, k] : [m, n] },
    ];
    return {
      session: await ort.InferenceSession.create(onnxModel(nodes, constants, inputs, outputs)),
      feeds,
    };
  }

  return {
    facts: {},
    operations: {
      async run(shape: OperatorShape): Promise<OperatorRun> {
        const { session, feeds } = await prepare(shape);
        try {
          const { y } = await session.run(feeds);
          const head = [...(y!.data as Float32Array).subarray(0, 8)];
          const milliseconds = await timeRepeated(async () => void (await session.run(feeds)));
          return { milliseconds, head };
        } finally {
          await session.release();
        }
      },
    },
    close: () => undefined,
  };
}

function quantiseColumns(
  values: Float32Array,
  k: number,
  n: number,
): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(k * n);
  const scales = new Float32Array(n);
  for (let column = 0; column < n; column++) {
    let most = 0;
    for (let row = 0; row < k; row++) most = Math.max(most, Math.abs(values[row * n + column]!));
    scales[column] = most / 127;
    for (let row = 0; row < k; row++)
      codes[row * n + column] = Math.round((values[row * n + column]! * 127) / most);
  }
  return { codes, scales };
}

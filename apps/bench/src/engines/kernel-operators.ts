import { Arena, codeBytes, createTunedKernels, packLinear, VectorBlock } from '@burrow/kernels';
import type { Engine } from '../harness/engine.ts';
import { operands, timeRepeated, type OperatorRun, type OperatorShape } from './operator-types.ts';

/** Operators of `@burrow/kernels`, one thread. */
export async function open(): Promise<Engine> {
  const kernels = createTunedKernels();
  const run = kernels.exports;

  function prepare(
    { operator, m, k, n }: OperatorShape,
    arena: Arena,
  ): { step: () => void; head: () => number[] } {
    const { a, b } = operands({ operator, m, k, n });
    if (operator === 'scan f32') {
      const block = new VectorBlock({ dimensions: k, capacity: n });
      for (let column = 0; column < n; column++)
        block.add(Float32Array.from({ length: k }, (_, row) => b[row * n + column]!));
      // Earlier versions take no array and give their own.
      const room = new Float32Array(n);
      let scores: Float32Array = room;
      return {
        step: () => void (scores = block.scores(a, { metric: 'dot' }, room)),
        head: () => [...scores.subarray(0, 8)],
      };
    }
    const input = arena.put(a);
    if (operator === 'softmax') {
      const copy = arena.allocate(a.byteLength);
      const step = (): void => {
        arena.f32(copy, a.length).set(arena.f32(input, a.length)); // in place, so it needs its input again
        run.softmaxRows(copy, k * 4, m, k, 1, 0, 0, 0);
      };
      return { step, head: () => [...arena.f32(copy, 8)] };
    }
    const precision = operator === 'matmul f32' ? 'f32' : 'int8';
    const layer = packLinear(arena, { inputs: k, outputs: n, order: 'inputs', values: b }, precision);
    const codes = arena.allocate(m * layer.paddedInputs * codeBytes(kernels.engine));
    const [scales, zeros, out] = [
      arena.allocate(m * 4),
      arena.allocate(m * 4),
      arena.allocate(m * layer.paddedOutputs * 4),
    ];
    const stride = layer.paddedOutputs * 4;
    const step =
      precision === 'f32'
        ? (): void => run.gemmFloat(layer.pointer, input, k * 4, m, 0, 0, out, stride)
        : (): void => {
            run.quantiseRows(0, input, 0, k * 4, m, k, layer.paddedInputs, codes, scales, zeros);
            run.gemmInt8(layer.pointer, codes, scales, zeros, m, 0, 0, out, stride);
          };
    return { step, head: () => [...arena.f32(out, 8)] };
  }

  return {
    facts: { engine: kernels.engine },
    operations: {
      async run(shape: OperatorShape): Promise<OperatorRun> {
        const { step, head } = prepare(shape, new Arena(kernels));
        step();
        return { milliseconds: await timeRepeated(step), head: head() };
      },
    },
    close: () => undefined,
  };
}

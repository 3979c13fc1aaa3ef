import { Arena } from './arena.ts';
import { type KernelEngine, type Kernels, createKernels } from './engine.ts';
import { packLinear } from './linear.ts';

const INPUTS = 384;
const OUTPUTS = 256;
const ROWS = 16;

let measured: boolean | undefined;

/**
 * Whether the grouped 8-bit product is the faster one on this machine, measured once per realm (it takes about
 * `milliseconds`; engines compile in two steps, so the best time of each counts). Both give the same integers.
 */
export function groupedIsFaster(milliseconds = 40): boolean {
  if (measured !== undefined) return measured;
  const kernels = createKernels();
  if (kernels.engine !== 'relaxed') return (measured = false);
  const arena = new Arena(kernels);
  const values = new Float32Array(INPUTS * OUTPUTS).map((_, i) => (i % 17) - 8);
  const layer = packLinear(arena, { inputs: INPUTS, outputs: OUTPUTS, order: 'outputs', values }, 'int8');
  const codes = arena.allocate(INPUTS * ROWS);
  const scales = arena.put(new Float32Array(ROWS));
  const zeros = arena.put(new Int32Array(ROWS));
  const out = arena.allocate(OUTPUTS * ROWS * 4);
  const best = [Infinity, Infinity];
  const end = performance.now() + milliseconds;
  do {
    for (const way of [0, 1]) {
      kernels.exports.gemmGrouped(way === 1);
      const start = performance.now();
      for (let i = 0; i < 4; i++) {
        kernels.exports.gemmInt8(layer.pointer, codes, scales, zeros, ROWS, 0, 0, out, OUTPUTS * 4);
      }
      best[way] = Math.min(best[way]!, performance.now() - start);
    }
  } while (performance.now() < end);
  return (measured = best[1]! < best[0]!);
}

/** An instance with the faster of the two products chosen. */
export function createTunedKernels(
  options: {
    engine?: KernelEngine;
    memory?: WebAssembly.Memory;
    shared?: boolean;
    maximumBytes?: number;
  } = {},
): Kernels {
  const kernels = createKernels(options);
  if (kernels.engine === 'relaxed') kernels.exports.gemmGrouped(groupedIsFaster());
  return kernels;
}

import { describe, expect, it } from 'vitest';
import * as api from '../src/index.ts';
import { kernelContract } from './kernel-contract.ts';

kernelContract(api, 'plain');
if (api.bestEngine() === 'relaxed') kernelContract(api, 'relaxed');

describe('packLinear', () => {
  it('refuses weights of the wrong length', () => {
    const arena = new api.Arena(api.createKernels());
    const weights = { inputs: 3, outputs: 2, order: 'inputs' as const, values: new Float32Array(5) };
    expect(() => api.packLinear(arena, weights, 'int8')).toThrow(api.KernelsError);
    const codes = { inputs: 3, outputs: 2, order: 'inputs' as const, values: new Int8Array(6) };
    expect(() => api.packLinear(arena, codes, 'int8')).toThrow(/one scale for each output/);
  });
});

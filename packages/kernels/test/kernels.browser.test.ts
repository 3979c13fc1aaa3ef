import * as api from '@burrow/kernels';
import { expect, it } from 'vitest';
import { kernelContract } from './kernel-contract.ts';
import { randomVectors } from './vector-cases.ts';

kernelContract(api, 'plain');
kernelContract(api, 'relaxed');

it('Chromium gets relaxed SIMD', () => {
  expect(api.bestEngine()).toBe('relaxed');
});

it('finds the same vectors on both engines', () => {
  for (const [precision, metric] of [
    ['f32', 'cosine'],
    ['f32', 'euclidean'],
    ['int8', 'cosine'],
    ['binary', 'hamming'],
  ] as const) {
    const results = (['plain', 'relaxed'] as const).map((engine) => {
      using block = new api.VectorBlock({ dimensions: 100, precision, engine });
      block.add(randomVectors(500, 100, 1));
      return block.scan(randomVectors(1, 100, 2), 20, { metric });
    });
    expect([...results[1]!.slots]).toEqual([...results[0]!.slots]);
    results[1]!.scores.forEach((score, i) =>
      expect(Math.abs(score - results[0]!.scores[i]!)).toBeLessThan(1e-4),
    );
  }
});

import * as api from '@burrow/kernels';
import { expect, it } from 'vitest';
import { findTheSame } from './scan-cases.ts';

it.each(['f32', 'int8'] as const)('three threads find in %s what one finds', (precision) =>
  findTheSame(api.VectorBlock, precision),
);

it('has a worker as small as a helper may be', async () => {
  const bytes = await (await fetch(api.scanWorker)).arrayBuffer();
  expect(bytes.byteLength).toBeGreaterThan(0);
  expect(bytes.byteLength).toBeLessThan(4096);
});

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { createKernels } from '../src/engine.ts';
import { type HelperStart, scanWorker } from '../src/scan-crew.ts';
import { LEFT, READY, sharedNumbers } from '../src/scan-job.ts';
import { VectorBlock } from '../src/vector-block.ts';
import { DIMENSIONS, findTheSame, untilThreads } from './scan-cases.ts';
import { randomVectors } from './vector-cases.ts';

it.each(['f32', 'int8'] as const)('three threads find in %s what one finds', (precision) =>
  findTheSame(VectorBlock, precision),
);

const query = randomVectors(1, DIMENSIONS, 2);

function expectAnswers(block: VectorBlock): void {
  using alone = new VectorBlock({ dimensions: DIMENSIONS });
  alone.add(randomVectors(14_000, DIMENSIONS, 1));
  expect(block.scan(query, 20)).toEqual(alone.scan(query, 20));
  expect(block.scores(query)).toEqual(alone.scores(query));
}

it('answers alone where the thread cannot start', async () => {
  using block = new VectorBlock({
    dimensions: DIMENSIONS,
    threads: 2,
    worker: 'file:///nowhere/scan-worker.js',
  });
  block.add(randomVectors(14_000, DIMENSIONS, 1));
  for (let i = 0; i < 5; i++) {
    expectAnswers(block);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(block.threads).toBe(1);
});

it('does again what a thread took and never brought back, and goes on alone', async () => {
  const hangs = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ shared }) => {
      Atomics.add(shared, ${READY}, 1);
      while (Atomics.sub(shared, ${LEFT}, 1) <= 0);
      for (;;);
    });`;
  using block = new VectorBlock({
    dimensions: DIMENSIONS,
    threads: 2,
    worker: `data:text/javascript,${encodeURIComponent(hangs)}`,
  });
  block.add(randomVectors(14_000, DIMENSIONS, 1));
  await untilThreads(block, query, 2);
  await untilThreads(block, query, 1);
  expectAnswers(block);
  block.add(randomVectors(500, DIMENSIONS, 3));
  expect(block.size).toBe(14_500);
});

it('does not start threads for small blocks', async () => {
  using block = new VectorBlock({ dimensions: DIMENSIONS, threads: 4 });
  block.add(randomVectors(1000, DIMENSIONS, 1));
  block.scan(query, 5);
  await new Promise((resolve) => setTimeout(resolve, 200));
  block.scan(query, 5);
  expect(block.threads).toBe(1);
});

it('ends a thread that has nothing to do', async () => {
  const { module, memory } = createKernels({ shared: true });
  const shared = sharedNumbers(2);
  const helper = new Worker(new URL(scanWorker));
  const ended = once(helper, 'exit');
  helper.postMessage({ module, memory, shared, self: 1, patience: 200 } satisfies HelperStart);
  expect(await once(helper, 'message')).toEqual(['idle']);
  await ended;
  expect(shared[READY]).toBe(0);
});

it('refuses a number of threads that is none', () => {
  for (const threads of [0, -1, 1.5, Number.NaN])
    expect(() => new VectorBlock({ dimensions: 8, threads })).toThrow(/threads must be/);
});

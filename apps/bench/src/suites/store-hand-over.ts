import { openSearch, type Search } from '@burrow/worker';
import { calibrate } from '../harness/calibration.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { loadPassages } from './surroundings.ts';

/** Longest hand-over in ms, beyond what opening takes; below zero where a worker that runs already opens sooner than a new one. */
const AIM = 1000;
const QUESTION = 'how to configure the default options';

/** Two clients on one index: the worker of the one that leads is ended, and the other's next query is timed. */
export const handOverCase: BenchCase = {
  name: 'hand-over',
  title: 'From the end of the leading worker to the answer through the next',
  async run({ quick, signal, onProgress }) {
    const { passages, data } = await loadPassages();
    const result = emptyResult();
    const count = quick ? 500 : 5000;
    const rounds = quick ? 2 : 7;
    result.data.push({ ...data, items: count });
    const name = `bench-hand-over-${crypto.randomUUID()}`;
    onProgress(0, 'indexing');
    {
      await using search = await openSearch({ name, signal });
      await search.add(
        passages.slice(0, count).map((text, i) => ({ id: `document ${i}`, text })),
        { signal },
      );
    }
    const opening: number[] = [];
    const handOver: number[] = [];
    calibrate();
    for (let round = -1; round < rounds; round++) {
      signal.throwIfAborted();
      onProgress((round + 1) / (rounds + 1), 'handing over');
      const [alone, handed] = [await openAlone(name, signal), await endLeader(name, signal)];
      if (round < 0) continue;
      opening.push(alone);
      handOver.push(handed);
      result.calibration.push(calibrate());
    }
    const tags = { engine: 'burrow', size: String(count), axis: 'hand-over' };
    result.series.push(
      { name: 'opening alone, with an answer', unit: 'ms', better: 'lower', samples: opening, tags },
      { name: 'hand-over, with an answer', unit: 'ms', better: 'lower', samples: handOver, tags },
      {
        name: 'hand-over beyond opening',
        unit: 'ms',
        better: 'lower',
        samples: handOver.map((milliseconds, i) => milliseconds - opening[i]!),
        tags,
        aim: AIM,
      },
    );
    await using search = await openSearch({ name, signal });
    const { documents } = await search.stats();
    if (documents !== count) throw new Error(`${documents} of ${count} documents are left.`);
    await search.clear();
    return result;
  },
};

async function openAlone(name: string, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  await using search = await openSearch({ name, signal });
  await ask(search, signal);
  return performance.now() - started;
}

async function endLeader(name: string, signal: AbortSignal): Promise<number> {
  const workers: Worker[] = [];
  const leader = await openSearch({
    name,
    signal,
    createWorker: (url) => {
      const worker = new Worker(url, { type: 'module' });
      workers.push(worker);
      return worker;
    },
  });
  try {
    await using other = await openSearch({ name, signal });
    await ask(other, signal);
    if ((await leader.stats()).role !== 'leader') throw new Error('The first to open does not lead.');
    const started = performance.now();
    workers[0]!.terminate();
    await ask(other, signal);
    const milliseconds = performance.now() - started;
    if ((await other.stats()).role !== 'leader') throw new Error('The other did not take over.');
    return milliseconds;
  } finally {
    // Its worker is gone: what matters of closing is that no new one is started.
    await leader.close().catch(() => undefined);
  }
}

async function ask(search: Search, signal: AbortSignal): Promise<void> {
  const { hits } = await search.query(QUESTION, { limit: 10, signal });
  if (hits.length === 0) throw new Error('The index gave no answer.');
}

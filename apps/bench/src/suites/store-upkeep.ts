import { openSearch, type Search } from '@burrow/worker';
import { calibrate } from '../harness/calibration.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { median } from '../statistics/summary.ts';
import { loadPassages } from './surroundings.ts';

const QUESTIONS = [
  'how to configure the default options',
  'read a file as a stream',
  'error when the module is not found',
  'list of supported types',
  'run the tests in a browser',
];
/** Share of documents that a round replaces, so that there is something to sweep out. */
const REPLACED = 20;
/** Documents of a round; their journal is above what makes the engine checkpoint … */
const ADDED = 500;
/** … when writing has rested for so many ms; given up when nothing has changed long after. */
const REST = 2000;
const GIVE_UP = 20_000;
/** The engine's clock begins a little before the page hears of it. */
const HEAD_START = 50;
/** How often what is stored is looked at, in ms. */
const POLL = 20;
/** What is stored stays the same for so many ms after a checkpoint. */
const SETTLED = 300;
/** A query that takes longer is felt. */
const AIM_WORST = 100;

type When = 'at rest' | 'during a compaction' | 'during a checkpoint';

/** Queries one after the other while the engine tidies up, beside the same queries at rest. */
export const upkeepCase: BenchCase = {
  name: 'upkeep',
  title: 'Answers while a compaction and a checkpoint run',
  async run({ quick, signal, onProgress }) {
    const { passages, data } = await loadPassages();
    const result = emptyResult();
    const count = quick ? 2000 : 20_000;
    const rounds = quick ? 1 : 5;
    result.data.push({ ...data, items: count + rounds * ADDED });
    await using search = await openSearch({ name: `bench-upkeep-${crypto.randomUUID()}`, signal });
    const documents = passages.slice(0, count).map((text, i) => ({ id: `document ${i}`, text }));
    await search.add(documents, {
      signal,
      onProgress: ({ documents: done }) => onProgress((0.4 * done) / count, 'indexing'),
    });
    await search.compact({ signal });
    const taken: Record<When, number[][]> = {
      'at rest': [],
      'during a compaction': [],
      'during a checkpoint': [],
    };
    calibrate();
    await askWhile(search, restFor(30), signal);
    for (let round = 0; round < rounds; round++) {
      const say = (when: When): void => onProgress(0.4 + (0.6 * round) / rounds, when);
      say('at rest');
      taken['at rest'].push(latencies(await askWhile(search, restFor(quick ? 30 : 100), signal)));

      await search.update(documents.filter((_, i) => i % REPLACED === round));
      say('during a compaction');
      let compacting = true;
      const compaction = search.compact({ signal }).finally(() => (compacting = false));
      taken['during a compaction'].push(latencies(await askWhile(search, () => compacting, signal)));
      await compaction;

      const from = count + round * ADDED;
      await search.add(
        passages.slice(from, from + ADDED).map((text, i) => ({ id: `new ${from + i}`, text })),
      );
      say('during a checkpoint');
      taken['during a checkpoint'].push(await duringCheckpoint(search, signal));
      result.calibration.push(calibrate());
    }
    for (const when of Object.keys(taken) as When[]) {
      const tags = { engine: 'burrow', when, axis: 'answers and upkeep' };
      const found = taken[when].filter(({ length }) => length > 0);
      result.remarks.push(`${found.flat().length} queries ${when}.`);
      if (found.length < rounds)
        result.skipped.push({
          name: `answer ${when}`,
          reason: `${rounds - found.length} of ${rounds} rounds had no query that ran meanwhile`,
        });
      result.series.push(
        {
          name: `answer ${when}, p50`,
          unit: 'ms',
          better: 'lower',
          samples: taken[when].map(median),
          tags,
        },
        {
          name: `answer ${when}, worst`,
          unit: 'ms',
          better: 'lower',
          samples: taken[when].map((list) => (list.length > 0 ? Math.max(...list) : Number.NaN)),
          tags,
          ...(when === 'at rest' ? {} : { aim: AIM_WORST }),
        },
      );
      if (when === 'at rest') continue;
      for (const measure of ['p50', 'worst']) {
        result.ratios.push({
          name: `answer ${when} against rest, ${measure}`,
          ours: `answer ${when}, ${measure}`,
          peer: `answer at rest, ${measure}`,
        });
      }
    }
    await search.clear();
    return result;
  },
};

interface Asked {
  from: number;
  to: number;
}

/** Asks one query after the other while `goOn` says so. */
async function askWhile(search: Search, goOn: () => boolean, signal: AbortSignal): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (let i = 0; goOn(); i++) {
    const from = performance.now();
    const { hits } = await search.query(QUESTIONS[i % QUESTIONS.length]!, { limit: 10, signal });
    asked.push({ from, to: performance.now() });
    if (hits.length === 0) throw new Error('The index gave no answer.');
  }
  return asked;
}

function restFor(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}

const latencies = (asked: Asked[]): number[] => asked.map(({ from, to }) => to - from);

/**
 * The engine checkpoints by itself when writing rests, and tells nobody; but what is stored changes then. Queries count
 * that ran between the end of the rest and the last change. It is looked for beside the queries, not between them: a
 * question that waits for the engine must be one of those that are timed.
 */
async function duringCheckpoint(search: Search, signal: AbortSignal): Promise<number[]> {
  const begin = performance.now() + REST - HEAD_START;
  let changed: number | undefined;
  let watching = true;
  const watch = async (): Promise<void> => {
    let { stored } = (await search.stats()).storage;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, POLL));
      const now = (await search.stats()).storage.stored;
      const at = performance.now();
      // What changes before is the end of the write.
      if (now !== stored && at > begin) changed = at;
      stored = now;
      if (changed === undefined ? at - begin > GIVE_UP : at - changed > SETTLED) return;
    }
  };
  const watched = watch().finally(() => (watching = false));
  const asked = await askWhile(search, () => watching, signal);
  await watched;
  const end = changed;
  if (end === undefined) return [];
  return latencies(asked.filter(({ from, to }) => to > begin && from < end));
}

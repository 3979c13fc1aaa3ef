import { KINDS, LIMIT, type Corpus, type SearchQueries, type SearchRun } from '../engines/search-types.ts';
import { firstLine } from '../harness/first-line.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import {
  emptyResult,
  type BenchCase,
  type CaseResult,
  type Suite,
  type Surroundings,
} from '../harness/types.ts';
import { quantile } from '../statistics/summary.ts';
import { measureMemory } from './memory.ts';
import { addRatios, saveAndOpen, type Add } from './search-figures.ts';
import { kernelCase } from './search-kernels.ts';
import { BURROW, DIMENSIONS, ENGINES, INT8, type Contestant } from './search-sides.ts';
import { loadPassages } from './surroundings.ts';

function enginesCase(name: string, count: number, engines: Contestant[]): BenchCase {
  return {
    name,
    title: `Engines on ${count.toLocaleString('en')} real passages with ${DIMENSIONS} dimensions`,
    run: (around) => compareEngines(around.quick ? count / 10 : count, engines, around),
  };
}

async function compareEngines(
  count: number,
  contestants: Contestant[],
  around: Surroundings,
): Promise<CaseResult> {
  const { quick, signal, onProgress } = around;
  const label = `${count / 1000}k`;
  const { passages, data } = await loadPassages();
  const result = emptyResult();
  result.data.push({ ...data, items: count });
  const asked = quick ? 10 : 50;
  const rounds = quick ? 2 : 5;
  // Engines compile what runs often: before it counts, each has answered a thousand queries, of a large index some hundred.
  const warmUps = quick ? 1 : count > 10_000 ? 5 : 20;
  // Each round asks anew, so that no engine answers out of what it remembers.
  const different = quick ? asked : asked * (1 + warmUps + rounds);
  onProgress(0, 'embedding the passages');
  const maker = await Realm.open(
    'corpus',
    { passages, count, queries: different, dimensions: DIMENSIONS },
    signal,
  );
  const { corpus, queries } = await maker.call<{ corpus: Corpus; queries: SearchQueries }>('make');
  await maker.close();

  const textBytes = corpus.texts.reduce((sum, text) => sum + bytesOf(text), 0);
  const open: { contestant: Contestant; realm: Realm }[] = [];
  const add: Add = (name, engine, unit, better, samples, timed = true) =>
    void result.series.push({
      name: `${engine}: ${name}, ${label}`,
      unit,
      better,
      samples,
      timed,
      tags: { engine, size: label, measure: name, axis: name },
    });
  try {
    for (const contestant of contestants) {
      onProgress(0.05, `${contestant.name}: indexing`);
      try {
        const realm = await Realm.open(contestant.engine, contestant.options ?? {}, signal);
        const empty = await measureMemory();
        const milliseconds = await realm.call<number>('build', corpus);
        open.push({ contestant, realm });
        add('index rate', contestant.name, 'documents/s', 'higher', [(count * 1000) / milliseconds]);
        const after = await measureMemory();
        if (after !== undefined && empty !== undefined) {
          const bytes = after - empty - textBytes + (await realm.webAssemblyBytes());
          add('memory in all without texts', contestant.name, 'bytes', 'lower', [bytes], false);
        }
        if (contestant.engine === 'burrow-search')
          add(
            'memory by its own account',
            contestant.name,
            'bytes',
            'lower',
            [await realm.call<number>('memory')],
            false,
          );
      } catch (error) {
        signal.throwIfAborted();
        result.skipped.push({
          name: `${contestant.name}, ${label}`,
          reason: firstLine(error),
        });
      }
    }
    const tops = new Map<string, string[][]>();
    for (const [at, kind] of KINDS.entries()) {
      const taking = open.filter(({ contestant }) => contestant.kinds.includes(kind));
      const run = (realm: Realm, round: number): Promise<SearchRun> =>
        realm.call('search', {
          kind,
          queries: queriesFrom(queries, (round * asked) % different, asked),
          count: asked,
        });
      // What a person meets who has just opened a page.
      for (const { contestant, realm } of taking) {
        const { milliseconds } = await run(realm, 0);
        add(`${kind} p50 of the first ${asked}`, contestant.name, 'ms', 'lower', [
          quantile(milliseconds, 0.5),
        ]);
      }
      const { values, calibration } = await interleave(
        taking.map(({ contestant, realm }) => ({
          name: contestant.name,
          run: (round) => run(realm, round + 1),
        })),
        {
          rounds,
          warmUps,
          signal,
          onRound: (done, of, name) =>
            onProgress(0.2 + (0.7 * (at + done / of)) / KINDS.length, `${kind}: ${name}`),
        },
      );
      result.calibration.push(...calibration);
      for (const { contestant } of taking) {
        const runs = values.get(contestant.name)!;
        add(
          `${kind} p50`,
          contestant.name,
          'ms',
          'lower',
          runs.map(({ milliseconds }) => quantile(milliseconds, 0.5)),
        );
        add(
          `${kind} p95`,
          contestant.name,
          'ms',
          'lower',
          runs.map(({ milliseconds }) => quantile(milliseconds, 0.95)),
        );
        const full = runs[0]!.tops.filter((top) => top.length === LIMIT).length;
        if (full < asked)
          result.remarks.push(
            `${contestant.name} has ten answers to ${full} of ${asked} ${kind} queries, ${label}.`,
          );
        if (kind === 'vector') tops.set(contestant.name, runs[0]!.tops);
      }
    }
    await saveAndOpen(open, queries, quick, add, (engine, error) => {
      signal.throwIfAborted();
      result.skipped.push({
        name: `${engine}: save and open, ${label}`,
        reason: firstLine(error),
      });
    });
    const [exact, rough] = [tops.get(BURROW), tops.get(INT8)];
    if (exact && rough) add('recall@10 of int8', INT8, 'share', 'higher', [overlap(exact, rough)], false);
    addRatios(result, label, contestants);
    return result;
  } finally {
    await Promise.all(open.map(({ realm }) => realm.close()));
  }
}

/** Some of the queries, from one on. */
function queriesFrom({ terms, vectors }: SearchQueries, from: number, count: number): SearchQueries {
  const part = (list: string[]): string[] => list.slice(from, from + count);
  return {
    terms: { keyword: part(terms.keyword), prefix: part(terms.prefix), typo: part(terms.typo) },
    vectors: vectors.slice(from * DIMENSIONS, (from + count) * DIMENSIONS),
  };
}

/** Bytes of a text as the engine keeps it: one for each character where all are Latin-1, else two. */
function bytesOf(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? text.length * 2 : text.length;
}

function overlap(exact: string[][], rough: string[][]): number {
  let [found, all] = [0, 0];
  exact.forEach((top, i) => {
    const ids = new Set(rough[i]);
    for (const id of top) if (ids.has(id)) found++;
    all += top.length;
  });
  return found / all;
}

/** Memory is measured at once instead of at the next collection. */
const MEMORY_FLAGS = ['--enable-blink-features=ForceEagerMeasureMemory'];

export const search: Suite = {
  name: 'search',
  title: 'Search',
  question:
    'How fast are answers, indexing, saving and opening, beside Orama, MiniSearch, PGlite with pgvector and a plain scan?',
  cases: [
    { ...enginesCase('10k', 10_000, ENGINES), flags: MEMORY_FLAGS, trend: true },
    {
      ...enginesCase(
        '50k',
        50_000,
        ENGINES.filter(({ name }) => name !== 'PGlite'),
      ),
      flags: MEMORY_FLAGS,
    },
    kernelCase(100_000, { name: 'kernels', orama: true, trend: true }),
    kernelCase(1_000_000, { name: 'million vectors', orama: false }),
  ],
};

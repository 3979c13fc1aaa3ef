import {
  KINDS,
  LIMIT,
  type Corpus,
  type SearchKind,
  type SearchQueries,
  type SearchRun,
} from '../engines/search-types.ts';
import type { EngineName } from '../engines/index.ts';
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
import { loadPassages } from './surroundings.ts';

const DIMENSIONS = 384;
const WORDS: SearchKind[] = ['keyword', 'prefix', 'typo'];

interface Contestant {
  name: string;
  engine: EngineName;
  options?: unknown;
  kinds: readonly SearchKind[];
  saves?: boolean;
}

const BURROW = 'burrow';
const INT8 = 'burrow int8';
const ENGINES: Contestant[] = [
  { name: BURROW, engine: 'burrow-search', options: { precision: 'f32' }, kinds: KINDS, saves: true },
  {
    name: INT8,
    engine: 'burrow-search',
    options: { precision: 'int8' },
    kinds: ['vector', 'hybrid'],
    saves: true,
  },
  { name: 'Orama', engine: 'orama-search', kinds: KINDS, saves: true },
  {
    name: 'Orama, any word',
    engine: 'orama-search',
    options: { threshold: 1 },
    kinds: ['keyword', 'hybrid'],
  },
  { name: 'MiniSearch', engine: 'minisearch-search', kinds: WORDS, saves: true },
  { name: 'PGlite', engine: 'pglite-search', kinds: KINDS.filter((kind) => kind !== 'typo') },
  { name: 'plain scan', engine: 'scan-search', kinds: ['vector'] },
];

/** Aims against Orama, by what is measured and number of documents. */
const AIMS: Record<string, number> = {
  'keyword 10k': 20,
  'hybrid 10k': 20,
  'save 10k': 15,
  'open 10k': 15,
  'memory 50k': 8,
};

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
  onProgress(0, 'embedding the passages');
  const maker = await Realm.open(
    'corpus',
    { passages, count, queries: asked, dimensions: DIMENSIONS },
    signal,
  );
  const { corpus, queries } = await maker.call<{ corpus: Corpus; queries: SearchQueries }>('make');
  await maker.close();

  const textBytes = corpus.texts.reduce((sum, text) => sum + bytesOf(text), 0);
  const open: { contestant: Contestant; realm: Realm }[] = [];
  const add = (
    name: string,
    engine: string,
    unit: string,
    better: 'higher' | 'lower',
    samples: number[],
    timed = true,
  ): void =>
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
        if (after !== undefined && empty !== undefined)
          add('memory without texts', contestant.name, 'bytes', 'lower', [after - empty - textBytes], false);
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
          reason: error instanceof Error ? error.message.split('\n')[0]! : String(error),
        });
      }
    }
    const tops = new Map<string, string[][]>();
    for (const [at, kind] of KINDS.entries()) {
      const taking = open.filter(({ contestant }) => contestant.kinds.includes(kind));
      const { values, calibration } = await interleave(
        taking.map(({ contestant, realm }) => ({
          name: contestant.name,
          run: () => realm.call<SearchRun>('search', { kind, queries, count: asked }),
        })),
        {
          rounds: quick ? 2 : 5,
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
    await saveAndOpen(open, queries, quick, add);
    const [exact, rough] = [tops.get(BURROW), tops.get(INT8)];
    if (exact && rough) add('recall@10 of int8', INT8, 'share', 'higher', [overlap(exact, rough)], false);
    addRatios(result, label, contestants);
    return result;
  } finally {
    await Promise.all(open.map(({ realm }) => realm.close()));
  }
}

type Add = (
  name: string,
  engine: string,
  unit: string,
  better: 'higher' | 'lower',
  samples: number[],
  timed?: boolean,
) => void;

async function saveAndOpen(
  open: { contestant: Contestant; realm: Realm }[],
  queries: SearchQueries,
  quick: boolean,
  add: Add,
): Promise<void> {
  const saves = new Map<string, { milliseconds: number; bytes: number }[]>();
  const loads = new Map<string, number[]>();
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    for (const { contestant, realm } of open.filter((one) => one.contestant.saves)) {
      saves.set(contestant.name, [
        ...(saves.get(contestant.name) ?? []),
        await realm.call<{ milliseconds: number; bytes: number }>('save'),
      ]);
      loads.set(contestant.name, [
        ...(loads.get(contestant.name) ?? []),
        await realm.call<number>('load', { queries }),
      ]);
    }
  }
  for (const [name, list] of saves) {
    add(
      'save',
      name,
      'ms',
      'lower',
      list.map(({ milliseconds }) => milliseconds),
    );
    add('open and first answer', name, 'ms', 'lower', loads.get(name)!);
    add('snapshot', name, 'bytes', 'lower', [list[0]!.bytes], false);
  }
}

/** Burrow against each peer, on everything that both did. */
function addRatios(result: CaseResult, label: string, contestants: Contestant[]): void {
  const has = (name: string): boolean => result.series.some((series) => series.name === name);
  for (const { name: peer } of contestants) {
    if (peer === BURROW || peer === INT8) continue;
    for (const measure of [
      ...KINDS.map((kind) => `${kind} p50`),
      'index rate',
      'save',
      'open and first answer',
      'memory without texts',
    ]) {
      const [ours, theirs] = [`${BURROW}: ${measure}, ${label}`, `${peer}: ${measure}, ${label}`];
      if (!has(ours) || !has(theirs)) continue;
      const aim = peer === 'Orama' ? AIMS[`${measure.split(' ')[0]} ${label}`] : undefined;
      result.ratios.push({
        name: `${measure} against ${peer}, ${label}`,
        ours,
        peer: theirs,
        ...(aim ? { aim } : {}),
        tags: { peer, axis: `against ${peer}` },
      });
    }
  }
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

function kernelCase(count: number): BenchCase {
  return {
    name: 'kernels',
    title: `Vector kernels on ${count.toLocaleString('en')} random vectors of ${DIMENSIONS} dimensions`,
    async run({ quick, signal, onProgress }) {
      const result = emptyResult();
      const size = quick ? count / 10 : count;
      const name = `${size / 1000}k`;
      onProgress(0, 'making vectors');
      const realm = await Realm.open('kernel-scan', { count: size, dimensions: DIMENSIONS }, signal);
      try {
        const ways = ['f32', 'int8', 'sum'] as const;
        const { values, calibration } = await interleave(
          ways.map((way) => ({ name: way, run: () => realm.call<number>(way) })),
          { rounds: quick ? 3 : 9, signal, onRound: (done, of, way) => onProgress(done / of, way) },
        );
        result.calibration.push(...calibration);
        const gigabytes = (size * DIMENSIONS * 4) / 1e9;
        const tags = (way: string, axis: string): Record<string, string> => ({
          engine: 'burrow kernels',
          size: name,
          precision: way,
          axis,
        });
        for (const way of ['f32', 'int8'] as const) {
          const title = way === 'int8' ? 'int8 scan with f32 rescoring' : 'f32 scan';
          result.series.push({
            name: `${title}, ${name}`,
            unit: 'ms',
            better: 'lower',
            samples: values.get(way)!,
            tags: tags(way, 'scan'),
          });
        }
        const rate = (way: string): number[] =>
          values.get(way)!.map((milliseconds) => (gigabytes * 1000) / milliseconds);
        result.series.push({
          name: `f32 scan rate, ${name}`,
          unit: 'GB/s',
          better: 'higher',
          samples: rate('f32'),
          tags: tags('f32', 'memory rate'),
        });
        result.series.push({
          name: `sum of the block in wasm, ${name}`,
          unit: 'GB/s',
          better: 'higher',
          samples: rate('sum'),
          tags: tags('sum', 'memory rate'),
        });
        result.series.push({
          name: `recall@10 of int8 with rescoring, ${name}`,
          unit: 'share',
          better: 'higher',
          samples: [await realm.call<number>('recall')],
          timed: false,
          aim: 0.99,
          tags: tags('int8', 'recall'),
        });
        result.ratios.push({
          name: `f32 scan against summing the block, ${name}`,
          ours: `f32 scan rate, ${name}`,
          peer: `sum of the block in wasm, ${name}`,
          aim: 0.6,
        });
        result.ratios.push({
          name: `int8 with rescoring against f32, ${name}`,
          ours: `int8 scan with f32 rescoring, ${name}`,
          peer: `f32 scan, ${name}`,
        });
        return result;
      } finally {
        await realm.close();
      }
    },
  };
}

/** Memory is measured at once instead of at the next collection. */
const MEMORY_FLAGS = ['--enable-blink-features=ForceEagerMeasureMemory'];

export const search: Suite = {
  name: 'search',
  title: 'Search',
  question:
    'How fast are answers, indexing, saving and opening, beside Orama, MiniSearch, PGlite with pgvector and a plain scan?',
  cases: [
    { ...enginesCase('10k', 10_000, ENGINES), flags: MEMORY_FLAGS },
    {
      ...enginesCase(
        '50k',
        50_000,
        ENGINES.filter(({ name }) => name !== 'PGlite'),
      ),
      flags: MEMORY_FLAGS,
    },
    kernelCase(100_000),
  ],
};

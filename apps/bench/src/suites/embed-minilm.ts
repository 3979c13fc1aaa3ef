import { loadTokenizer, type Model } from '@burrow/embed';
import type { TransformersOptions } from '../engines/transformers-embed.ts';
import { Realm } from '../harness/realm.ts';
import {
  emptyResult,
  type BenchCase,
  type CaseResult,
  type Ratio,
  type Surroundings,
} from '../harness/types.ts';
import { compareEmbedders, type EmbedContestant } from './embed-contest.ts';
import { AXES, cores, onCpu, renamed, staticEn } from './embed-sides.ts';
import { address, loadHubModels, loadTexts, mixed, NO_VNNI } from './surroundings.ts';

export const MINILM = 'all-MiniLM-L6-v2';
const KERNELS = 'burrow MiniLM kernels int8 all cores';
const ONNX = 'burrow MiniLM wasm int8 all cores';
const BEST = 'transformers.js MiniLM wasm int8, its best';
const DEFAULTS = 'transformers.js MiniLM wasm int8, its defaults';

const RATIOS: Ratio[] = [
  {
    name: 'MiniLM int8 on ONNX Runtime against transformers.js at its best',
    ours: ONNX,
    peer: BEST,
    aim: 1.3,
  },
  {
    name: 'MiniLM int8 on ONNX Runtime against transformers.js at its defaults',
    ours: ONNX,
    peer: DEFAULTS,
    aim: 2.5,
  },
  {
    name: 'MiniLM int8 on ONNX Runtime, all cores against 1 thread',
    ours: ONNX,
    peer: 'burrow MiniLM wasm int8 1 thread',
    aim: 1.8,
  },
  { name: 'MiniLM kernels against ONNX Runtime int8', ours: KERNELS, peer: ONNX, aim: 2.5 },
  { name: 'MiniLM kernels against transformers.js at its best', ours: KERNELS, peer: BEST, aim: 3 },
  { name: 'MiniLM kernels against transformers.js at its defaults', ours: KERNELS, peer: DEFAULTS, aim: 8 },
  {
    name: 'MiniLM kernels, all cores against 1 thread',
    ours: KERNELS,
    peer: 'burrow MiniLM kernels int8 1 thread',
    aim: 1.8,
  },
  {
    name: 'static-en against MiniLM int8 on ONNX Runtime',
    ours: 'burrow static-en static',
    peer: ONNX,
    aim: 100,
  },
];

const CPU_WAYS = [
  ['wasm', 'int8'],
  ['kernels', 'int8'],
] as const satisfies ['wasm' | 'kernels', 'int8'][];

/** A query of about 16 tokens, as people type it. */
const QUERY = 'how do I renew my passport when I live in another country right now';

/** The result of a case that needs the model where it is not served. */
export function skippedMiniLm(): CaseResult {
  const reason = 'its weights are not served here (BURROW_ASSETS, see CONTRIBUTING.md)';
  return { ...emptyResult(), skipped: [{ name: MINILM, reason }] };
}

/**
 * Texts cut at the model's limit, between words. transformers.js cuts MiniLM at 512 tokens and Burrow at 256: on texts that
 * neither cuts both compute the same tokens.
 */
export async function cutToLimit(texts: string[], model: Model): Promise<string[]> {
  const tokenizer = await loadTokenizer(model);
  return texts.map((text) => {
    const [window] = tokenizer.split(text, tokenizer.capacity);
    return window ? text.slice(window.start, window.end) : text;
  });
}

/** The model, texts that neither side cuts, and a result that names them; nothing where the weights are not served. */
async function prepareMixed(
  count: number,
): Promise<{ model: Model; list: string[]; result: CaseResult } | undefined> {
  const { texts, data } = await loadTexts();
  const model = (await loadHubModels()).get(MINILM);
  if (!model) return undefined;
  const list = await cutToLimit(mixed(texts, count), model);
  const named = data('mixed texts of at most 256 tokens', list.length);
  return { model, list, result: { ...emptyResult(), data: [named] } };
}

/**
 * transformers.js with the threads and the batch with which it is fastest on the trial: one thread and all, batches of 2 to
 * 32 and text by text. A runtime's threads are fixed when it starts, so that each number has a realm of its own.
 */
async function transformersAtBest(
  trial: string[],
  { signal, onProgress }: Surroundings,
): Promise<EmbedContestant> {
  let best: { options: Partial<TransformersOptions>; milliseconds: number } | undefined;
  for (const threads of new Set([1, cores()])) {
    onProgress(0, `${BEST}: trying ${threads} threads`);
    const tried = transformersMiniLm(BEST, trial, { dtype: 'q8', threads, batch: 'best' });
    const realm = await Realm.open(tried.engine, tried.options, signal);
    const { batch, trialMilliseconds } = realm.facts;
    await realm.close();
    const milliseconds = Number(trialMilliseconds);
    if (!best || milliseconds < best.milliseconds)
      best = { options: { dtype: 'q8', threads, batch: Number(batch) }, milliseconds };
  }
  return transformersMiniLm(BEST, [], best!.options);
}

/** The feature-extraction pipeline; by default as it comes, in batches of 16. */
export function transformersMiniLm(
  name: string,
  trial: string[],
  options: Partial<TransformersOptions>,
): EmbedContestant {
  return {
    name,
    engine: 'transformers-embed',
    options: {
      model: MINILM,
      hub: address('local/hub/'),
      batch: 16,
      trial,
      ...options,
    } satisfies TransformersOptions,
    tags: {
      engine: 'transformers.js',
      model: 'MiniLM',
      backend: name.slice(name.indexOf('wasm')),
      dtype: options.dtype ?? 'its own',
      axis: AXES.all,
    },
  };
}

/** Single queries, with what switches instructions off. */
function queryCase({ suffix, flags }: { suffix: string; flags?: string[] }): BenchCase {
  return {
    name: `query${suffix}`,
    title: `One query at a time${suffix}`,
    ...(flags && { flags }),
    async run(around) {
      const { data } = await loadTexts();
      const model = (await loadHubModels()).get(MINILM);
      if (!model) return skippedMiniLm();
      const list = Array.from({ length: around.quick ? 10 : 50 }, () => QUERY);
      const result = { ...emptyResult(), data: [data('one query, again and again', list.length)] };
      const contestants = [...onCpu(model, 'MiniLM', CPU_WAYS), staticEn()].map((contestant) =>
        renamed(contestant, `, one query${suffix}`, { axis: `${AXES.query}${suffix}`, lengths: 'query' }),
      );
      const [ours, peer] = [KERNELS, ONNX].map((name) => `${name}, one query${suffix}`) as [string, string];
      const name = `one query of MiniLM, kernels against ONNX Runtime int8${suffix}`;
      const ratios = [{ name, ours, peer, ...(flags ? {} : { aim: 3 }) }];
      await compareEmbedders(result, around, contestants, list, ratios, 'embedEach');
      return result;
    },
  };
}

/** The weights as they are, on both engines, and the kernels' int8 beside them. */
const fp32Case: BenchCase = {
  name: 'minilm fp32',
  title: 'all-MiniLM-L6-v2 in fp32 on the CPU',
  async run(around) {
    const prepared = await prepareMixed(around.quick ? 8 : 24);
    if (!prepared) return skippedMiniLm();
    const { model, list, result } = prepared;
    const ways = [
      ['wasm', 'fp32'],
      ['kernels', 'fp32'],
      ['kernels', 'int8'],
    ] as const satisfies ['wasm' | 'kernels', 'int8' | 'fp32'][];
    const contestants = onCpu(model, 'MiniLM', ways).filter(({ tags }) => tags['axis'] === AXES.all);
    const peer = 'burrow MiniLM wasm fp32 all cores';
    await compareEmbedders(result, around, contestants, list, [
      {
        name: 'MiniLM kernels fp32 against ONNX Runtime fp32',
        ours: 'burrow MiniLM kernels fp32 all cores',
        peer,
      },
      { name: 'MiniLM kernels int8 against ONNX Runtime fp32', ours: KERNELS, peer },
    ]);
    return result;
  },
};

export const miniLmCases: BenchCase[] = [
  {
    name: 'minilm',
    title: 'all-MiniLM-L6-v2 on the CPU, beside transformers.js',
    trend: true,
    async run(around) {
      const prepared = await prepareMixed(around.quick ? 16 : 48);
      if (!prepared) return skippedMiniLm();
      const { model, list, result } = prepared;
      const contestants = [
        ...onCpu(model, 'MiniLM', CPU_WAYS),
        staticEn(),
        transformersMiniLm(DEFAULTS, [], {}),
        await transformersAtBest(list.slice(0, 32), around),
      ];
      await compareEmbedders(result, around, contestants, list, RATIOS);
      return result;
    },
  },
  queryCase({ suffix: '' }),
  queryCase(NO_VNNI),
  fp32Case,
  {
    name: 'minilm, no AVX-VNNI',
    title: 'all-MiniLM-L6-v2 with the newest instructions switched off',
    flags: NO_VNNI.flags,
    async run(around) {
      const prepared = await prepareMixed(around.quick ? 16 : 48);
      if (!prepared) return skippedMiniLm();
      const { model, list, result } = prepared;
      const contestants = onCpu(model, 'MiniLM', CPU_WAYS).map((contestant) =>
        renamed(contestant, ', no AVX-VNNI', { axis: `${contestant.tags['axis']}, no AVX-VNNI` }),
      );
      const [ours, peer] = [KERNELS, ONNX].map((name) => `${name}, no AVX-VNNI`) as [string, string];
      const ratios = [{ name: 'MiniLM kernels against ONNX Runtime int8, no AVX-VNNI', ours, peer }];
      await compareEmbedders(result, around, contestants, list, ratios);
      return result;
    },
  },
];

import type { EmbedRun } from '../engines/embedding.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import type { EmbedContestant } from './embed-contest.ts';
import { cutToLimit, MINILM, skippedMiniLm, transformersMiniLm } from './embed-minilm.ts';
import { cores, onCpu } from './embed-sides.ts';
import { loadHubModels, loadTexts, mixed } from './surroundings.ts';

/** By side: how it runs. transformers.js is measured with its leanest batch, one text, and with 16, its default. */
const SIDES: Record<string, (model: Parameters<typeof onCpu>[0]) => EmbedContestant> = {
  kernels: (model) => onCpu(model, 'MiniLM', [['kernels', 'int8']])[1]!,
  'ONNX Runtime': (model) => onCpu(model, 'MiniLM', [['wasm', 'int8']])[1]!,
  'transformers.js one by one': () => transformersAlone(1),
  'transformers.js in batches of 16': () => transformersAlone(16),
};

const transformersAlone = (batch: number): EmbedContestant =>
  transformersMiniLm(`transformers.js MiniLM wasm int8, batches of ${batch}`, [], {
    dtype: 'q8',
    threads: cores(),
    batch,
  });

const named = (name: string): string => `${name}, peak memory`;

export const memoryCases: BenchCase[] = [
  {
    name: 'memory',
    title: 'Memory that embedding takes at its peak, beside transformers.js, each in a browser of its own',
    sides: Object.keys(SIDES),
    async run({ quick, signal, side }) {
      const { texts, data } = await loadTexts();
      const model = (await loadHubModels()).get(MINILM);
      if (!model) return skippedMiniLm();
      const list = await cutToLimit(mixed(texts, quick ? 16 : 48), model);
      const result = { ...emptyResult(), data: [data('mixed texts of at most 256 tokens', list.length)] };
      const { name, engine, options, tags } = SIDES[side!]!(model);
      const before = await globalThis.benchMemory?.();
      const realm = await Realm.open(engine, options, signal);
      await realm.call<EmbedRun>('embed', { texts: list });
      const after = await globalThis.benchMemory?.();
      await realm.close();
      if (before && after) {
        result.series.push({
          name: named(name),
          unit: 'bytes',
          better: 'lower',
          samples: [after.peak - before.now],
          timed: false,
          tags: { ...tags, axis: 'memory' },
        });
      } else
        result.skipped.push({ name: named(name), reason: 'this system does not tell what a process takes' });
      for (const way of ['kernels', 'wasm']) {
        for (const batch of [1, 16]) {
          result.ratios.push({
            name: `peak memory of MiniLM, ${way} int8 against transformers.js in batches of ${batch}`,
            ours: named(`burrow MiniLM ${way} int8 all cores`),
            peer: named(`transformers.js MiniLM wasm int8, batches of ${batch}`),
          });
        }
      }
      return result;
    },
  },
];

import type { EmbedRun } from '../engines/embedding.ts';
import { operations, type OperatorRun, type OperatorShape } from '../engines/operator-types.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { MINILM, skippedMiniLm } from './embed-minilm.ts';
import { AXES, onCpu } from './embed-sides.ts';
import { loadHubModels, loadTexts, mixed, NO_VNNI } from './surroundings.ts';

const LAYERS = 6;
/** Matrix products of one layer of MiniLM over 128 tokens, and how often each: Q, K, V and output; the two of the MLP. */
const ROWS = 128;
const LAYER: [times: number, shape: OperatorShape][] = [
  [4, { operator: 'matmul int8', m: ROWS, k: 384, n: 384 }],
  [1, { operator: 'matmul int8', m: ROWS, k: 384, n: 1536 }],
  [1, { operator: 'matmul int8', m: ROWS, k: 1536, n: 384 }],
];
const LAYER_OPERATIONS = LAYER.reduce((sum, [times, shape]) => sum + times * operations(shape), 0);

const ENCODER = "burrow MiniLM kernels int8 1 thread, its matrix products over all of embedding's time";
const ALONE = 'burrow kernels int8 1 thread, the same matrix products alone';

function shareCase({ suffix, flags }: { suffix: string; flags?: string[] }): BenchCase {
  return {
    name: `share of the matrix product${suffix}`,
    title: `MiniLM's encoder beside the rate of its own matrix products, one thread${suffix}`,
    ...(flags && { flags }),
    async run({ quick, signal, onProgress }) {
      const { texts, data } = await loadTexts();
      const list = mixed(texts, quick ? 16 : 48);
      const model = (await loadHubModels()).get(MINILM);
      if (!model) return skippedMiniLm();
      const result = { ...emptyResult(), data: [data('mixed texts', list.length)] };
      const [{ engine, options, tags }] = onCpu(model, 'MiniLM', [['kernels', 'int8']]) as [
        ReturnType<typeof onCpu>[number],
      ];
      const encoder = await Realm.open(engine, options, signal);
      const kernels = await Realm.open('kernel-operators', {}, signal).catch(async (error: unknown) => {
        await encoder.close();
        throw error;
      });
      try {
        // Giga-operations a second.
        const encoderRate = async (): Promise<number> => {
          const { tokens, milliseconds } = await encoder.call<EmbedRun>('embed', { texts: list });
          return (tokens! * (LAYER_OPERATIONS / ROWS) * LAYERS) / milliseconds / 1e6;
        };
        const aloneRate = async (): Promise<number> => {
          let milliseconds = 0;
          for (const [times, shape] of LAYER)
            milliseconds += times * (await kernels.call<OperatorRun>('run', shape)).milliseconds;
          return LAYER_OPERATIONS / milliseconds / 1e6;
        };
        const { values, calibration } = await interleave(
          [
            { name: ENCODER, run: encoderRate },
            { name: ALONE, run: aloneRate },
          ],
          { rounds: quick ? 2 : 7, signal, onRound: (done, of, name) => onProgress(done / of, name) },
        );
        result.calibration.push(...calibration);
        for (const [name, samples] of values)
          result.series.push({
            name: `${name}${suffix}`,
            unit: 'GOP/s',
            better: 'higher',
            samples,
            tags: { ...tags, axis: `matrix products, ${AXES.one}${suffix}` },
          });
        const name = `share of the matrix product's own rate that MiniLM's encoder reaches${suffix}`;
        const [ours, peer] = [`${ENCODER}${suffix}`, `${ALONE}${suffix}`];
        result.ratios.push({ name, ours, peer, ...(flags ? {} : { aim: 0.65 }) });
        return result;
      } finally {
        await Promise.all([encoder.close(), kernels.close()]);
      }
    },
  };
}

export const gemmShareCases: BenchCase[] = [shareCase({ suffix: '' }), shareCase(NO_VNNI)];

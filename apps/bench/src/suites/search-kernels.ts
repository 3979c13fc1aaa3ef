import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { DIMENSIONS } from './search-sides.ts';

/** The scans of all vectors, beside merely summing them. */
export function kernelCase(count: number): BenchCase {
  return {
    name: 'kernels',
    trend: true,
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

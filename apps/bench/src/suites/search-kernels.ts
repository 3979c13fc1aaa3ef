import { usualThreads } from '@burrow/kernels';
import type { Corpus, SearchQueries, SearchRun } from '../engines/search-types.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { DIMENSIONS } from './search-sides.ts';

const ORAMA = 'Orama';
const THREADS = 'f32 threads';

interface KernelCaseOptions {
  name: string;
  /** Whether Orama searches the same vectors; a million are more than its heap can hold. */
  orama: boolean;
  trend?: boolean;
}

/** The scans of all vectors, beside merely summing them. */
export function kernelCase(
  count: number,
  { name: caseName, orama, trend = false }: KernelCaseOptions,
): BenchCase {
  return {
    name: caseName,
    trend,
    title: `Vector kernels on ${count.toLocaleString('en')} random vectors of ${DIMENSIONS} dimensions`,
    async run({ quick, signal, onProgress }) {
      const result = emptyResult();
      const size = quick ? count / 10 : count;
      const name = `${size / 1000}k`;
      onProgress(0, 'making vectors');
      // A second block would not fit beside a million vectors.
      const threads = orama ? usualThreads() : 1;
      const realm = await Realm.open('kernel-scan', { count: size, dimensions: DIMENSIONS, threads }, signal);
      const started = Number(realm.facts['threads']);
      const peer = orama ? await Realm.open('orama-search', {}, signal) : undefined;
      try {
        const ways = ['f32', 'int8', 'sum'] as const;
        const sides = ways.map((way) => ({ name: way as string, run: () => realm.call<number>(way) }));
        if (started > 1) sides.push({ name: THREADS, run: () => realm.call<number>(THREADS) });
        else if (threads > 1)
          result.skipped.push({
            name: `several threads, ${name}`,
            reason: 'memory cannot be shared here, or the threads did not start',
          });
        if (peer) {
          onProgress(0.1, 'Orama: indexing');
          const { corpus, queries } = await realm.call<{ corpus: Corpus; queries: SearchQueries }>('corpus');
          await peer.call('build', corpus);
          sides.push({
            name: ORAMA,
            async run(): Promise<number> {
              const asked = { kind: 'vector', queries, count: queries.vectors.length / DIMENSIONS };
              const { milliseconds } = await peer.call<SearchRun>('search', asked);
              return milliseconds.reduce((sum, one) => sum + one, 0) / milliseconds.length;
            },
          });
        }
        const { values, calibration } = await interleave(sides, {
          rounds: quick ? 3 : 9,
          signal,
          onRound: (done, of, way) => onProgress(done / of, way),
        });
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
        const byThreads = `f32 scan by ${started} threads`;
        if (started > 1) {
          result.series.push({
            name: `${byThreads}, ${name}`,
            unit: 'ms',
            better: 'lower',
            samples: values.get(THREADS)!,
            tags: tags(THREADS, 'scan'),
          });
          result.ratios.push({
            name: `${byThreads} against one, ${name}`,
            ours: `${byThreads}, ${name}`,
            peer: `f32 scan, ${name}`,
          });
        }
        if (peer) {
          result.series.push({
            name: `Orama: vector search, ${name}`,
            unit: 'ms',
            better: 'lower',
            samples: values.get(ORAMA)!,
            tags: { engine: ORAMA, size: name, axis: 'scan' },
          });
          for (const [title, aim] of [
            ['f32 scan', 10],
            ['int8 scan with f32 rescoring', 20],
            // As it comes where memory can be shared.
            ...(started > 1 ? ([[byThreads, 10]] as const) : []),
          ] as const)
            result.ratios.push({
              name: `${title} against Orama, ${name}`,
              ours: `${title}, ${name}`,
              peer: `Orama: vector search, ${name}`,
              aim,
            });
        }
        result.ratios.push({
          name: `int8 with rescoring against f32, ${name}`,
          ours: `int8 scan with f32 rescoring, ${name}`,
          peer: `f32 scan, ${name}`,
        });
        return result;
      } finally {
        await Promise.all([realm.close(), peer?.close()]);
      }
    },
  };
}

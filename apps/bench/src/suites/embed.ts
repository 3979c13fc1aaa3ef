import type { Model } from '@burrow/embed';
import type { TensorFlowOptions } from '../engines/tensorflow-use.ts';
import { emptyResult, type Suite } from '../harness/types.ts';
import { coldStartCases } from './embed-cold-start.ts';
import { compareEmbedders, type EmbedContestant } from './embed-contest.ts';
import { AXES, cores, onCpu, ours, renamed, staticEn } from './embed-sides.ts';
import { gemmShareCases } from './embed-gemm-share.ts';
import { memoryCases } from './embed-memory.ts';
import { MINILM, miniLmCases } from './embed-minilm.ts';
import { address, findGpu, loadHubModels, loadTexts, mixed } from './surroundings.ts';

const USE_LITE = [
  ['wasm', 'int8'],
  ['wasm', 'fp32'],
  ['kernels', 'int8'],
] as const satisfies ['wasm' | 'kernels', 'int8' | 'fp32'][];

export const embed: Suite = {
  name: 'embed',
  title: 'Embedding',
  question:
    'How many texts a second become vectors, on each backend, beside transformers.js and TensorFlow.js?',
  cases: [
    {
      name: 'use-lite',
      title: 'Universal Sentence Encoder lite on the CPU, beside TensorFlow.js',
      trend: true,
      async run(around) {
        const { texts, data } = await loadTexts();
        const list = mixed(texts, around.quick ? 24 : 96);
        const peer: EmbedContestant[] = [];
        const result = emptyResult();
        const model = address('local/use-lite/');
        if (await isThere(`${model}model.json`)) {
          peer.push({
            name: 'TensorFlow.js use-lite wasm fp32 all cores',
            engine: 'tensorflow-use',
            options: {
              model,
              threads: cores(),
              batch: 'best',
              trial: list.slice(0, 32),
            } satisfies TensorFlowOptions,
            tags: {
              engine: 'TensorFlow.js',
              model: 'use-lite',
              backend: 'wasm fp32 all cores',
              dtype: 'fp32',
              axis: AXES.all,
            },
          });
        } else
          result.skipped.push({
            name: 'TensorFlow.js use-lite',
            reason: 'its model is not served here; run it with npm run -s bench',
          });
        result.data.push(data('mixed texts', list.length));
        await compareEmbedders(result, around, [...onCpu('use-lite', 'use-lite', USE_LITE), ...peer], list, [
          {
            name: 'use-lite int8 against TensorFlow.js',
            ours: 'burrow use-lite wasm int8 all cores',
            peer: 'TensorFlow.js use-lite wasm fp32 all cores',
            aim: 4,
          },
          {
            name: 'use-lite kernels against ONNX Runtime int8',
            ours: 'burrow use-lite kernels int8 all cores',
            peer: 'burrow use-lite wasm int8 all cores',
          },
          {
            name: 'use-lite int8 all cores against 1 thread',
            ours: 'burrow use-lite wasm int8 all cores',
            peer: 'burrow use-lite wasm int8 1 thread',
            aim: 1.8,
          },
        ]);
        return result;
      },
    },
    ...miniLmCases,
    {
      name: 'lengths',
      title: 'Short, medium and long texts',
      async run(around) {
        const { texts, data } = await loadTexts();
        const result = emptyResult();
        const count = around.quick ? 8 : 32;
        result.data.push(data('texts of each length', count));
        for (const length of ['short', 'medium', 'long'] as const) {
          const list = texts[length].slice(0, count);
          const contestants = [
            staticEn(),
            ours(
              'use-lite',
              'use-lite',
              { device: 'wasm', dtype: 'int8', threads: cores() },
              'wasm int8 all cores',
              AXES.all,
            ),
          ];
          for (const contestant of contestants) {
            contestant.name += `, ${length} texts`;
            contestant.tags['lengths'] = length;
          }
          await compareEmbedders(result, around, contestants, list, []);
        }
        return result;
      },
    },
    {
      name: 'not isolated',
      title: 'A page without isolation headers: a pool of workers instead of threads',
      isolated: false,
      async run(around) {
        const { texts, data } = await loadTexts();
        const result = emptyResult();
        const list = mixed(texts, around.quick ? 24 : 96);
        result.data.push(data('mixed texts', list.length));
        const [one, pool] = onCpu('use-lite', 'use-lite', [['wasm', 'int8']]).map((contestant, i) => {
          const way = i === 0 ? '1 worker' : 'pool';
          const backend = `wasm int8 ${way}, not isolated`;
          return { ...renamed(contestant, '', { backend }), name: `burrow use-lite ${backend}` };
        });
        await compareEmbedders(result, around, [one!, pool!], list, [
          { name: 'use-lite int8 pool against 1 worker', ours: pool!.name, peer: one!.name },
        ]);
        return result;
      },
    },
    {
      name: 'webgpu',
      title: 'WebGPU',
      trend: true,
      async run(around) {
        const { texts, data } = await loadTexts();
        const result = emptyResult();
        const gpu = await findGpu();
        if (!gpu) {
          result.skipped.push({ name: 'WebGPU', reason: 'this browser offers no adapter' });
          return result;
        }
        const axis = gpu.software ? 'software WebGPU' : 'webgpu';
        // Software computes on the CPU, slowly: a few short texts show that it runs, and at what price.
        const list = gpu.software ? texts.short.slice(0, 8) : mixed(texts, around.quick ? 24 : 96);
        result.data.push(data(gpu.software ? 'short texts' : 'mixed texts', list.length));
        const models: [string, 'use-lite' | Model][] = [['use-lite', 'use-lite']];
        const miniLm = (await loadHubModels()).get(MINILM);
        if (miniLm && !gpu.software) models.push(['MiniLM', miniLm]);
        const contestants = models.map(([label, model]) =>
          ours(
            model,
            label,
            { device: 'webgpu', dtype: 'auto', threads: 1 },
            axis,
            gpu.software ? AXES.software : AXES.gpu,
          ),
        );
        for (const { tags } of contestants)
          tags['adapter'] = [gpu.vendor, gpu.architecture, gpu.description].filter(Boolean).join(' ');
        if (gpu.software)
          result.remarks.push(
            `WebGPU ran on a software adapter (${contestants[0]!.tags['adapter']}): not to be read as the speed of a GPU.`,
          );
        await compareEmbedders(result, around, contestants, list, []);
        return result;
      },
    },
    ...coldStartCases,
    ...memoryCases,
    ...gemmShareCases,
  ],
};

async function isThere(url: string): Promise<boolean> {
  const response = await fetch(url, { method: 'HEAD' }).catch(() => undefined);
  return response?.ok === true && response.headers.get('content-type')?.includes('json') === true;
}

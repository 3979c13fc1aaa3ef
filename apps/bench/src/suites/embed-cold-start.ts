import type { EmbedRun } from '../engines/embedding.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase, type CaseResult, type Surroundings } from '../harness/types.ts';
import type { EmbedContestant } from './embed-contest.ts';
import { MINILM, skippedMiniLm } from './embed-minilm.ts';
import { AXES, cores, ours, staticEn } from './embed-sides.ts';
import { loadHubModels } from './surroundings.ts';
import { countTraffic, isModelFile, readTraffic } from './traffic.ts';

async function miniLm(device: 'kernels' | 'wasm'): Promise<EmbedContestant | undefined> {
  const model = (await loadHubModels()).get(MINILM);
  const options = { device, dtype: 'int8', threads: cores() } as const;
  return model && ours(model, 'MiniLM', options, `${device} int8 all cores`, AXES.all);
}

const STARTS: [
  name: string,
  side: () => EmbedContestant | undefined | Promise<EmbedContestant | undefined>,
][] = [
  ['static-en', staticEn],
  [
    'use-lite',
    () =>
      ours(
        'use-lite',
        'use-lite',
        { device: 'wasm', dtype: 'int8', threads: cores() },
        'wasm int8 all cores',
        AXES.all,
      ),
  ],
  ['MiniLM kernels', () => miniLm('kernels')],
  ['MiniLM ONNX Runtime', () => miniLm('wasm')],
];

/** Each in a browser of its own, so that none finds the files of another in a cache. */
export const coldStartCases: BenchCase[] = STARTS.map(([name, side]) => ({
  name: `cold start, ${name}`,
  title: `From nothing to the first vector: ${name}`,
  async run(around) {
    const contestant = await side();
    return contestant ? startCold(contestant, around) : skippedMiniLm();
  },
}));

async function startCold(
  { name, engine, options, tags }: EmbedContestant,
  { signal, onProgress }: Surroundings,
): Promise<CaseResult> {
  const result = emptyResult();
  onProgress(0, name);
  const counts = await countTraffic();
  const started = performance.now();
  const realm = await Realm.open(engine, options, signal);
  await realm.call<EmbedRun>('embed', { texts: ['How do I renew my passport?'] });
  const milliseconds = performance.now() - started;
  await realm.close();
  result.series.push({
    name: `${name}, first vector`,
    unit: 'ms',
    better: 'lower',
    samples: [milliseconds],
    tags: { ...tags, phase: 'cold start' },
  });
  if (!counts) {
    const reason = "only the runner's server counts what it sends; run it with npm run -s bench";
    result.skipped.push({ name: `${name}, bytes to the first vector`, reason });
    return result;
  }
  const sent = await readTraffic();
  for (const part of ['model', 'runtime'] as const) {
    const files = sent.filter((file) => isModelFile(file) === (part === 'model'));
    result.series.push({
      name: `${name}, ${part} bytes to the first vector`,
      unit: 'bytes',
      better: 'lower',
      samples: [files.reduce((sum, { bytes }) => sum + bytes, 0)],
      timed: false,
      tags: { ...tags, phase: 'cold start', part, axis: 'bytes to the first vector' },
    });
  }
  return result;
}

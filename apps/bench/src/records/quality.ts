import type { BenchRecord } from './schema.ts';

/** A model on one machine: how well it ranks, how fast it embeds, how large it is. */
export interface QualityPoint {
  model: string;
  collection: string;
  /** nDCG@10 of hybrid search, in [0, 1]. */
  hybrid: number;
  /** Of keyword search alone, for comparison. */
  keyword: number;
  /** Fastest correct backend of the newest run with speeds. */
  textsPerSecond: number;
  backend: string;
  bytes: number | undefined;
}

/** Joins the newest figures of the suites `quality` (nDCG@10) and `embed` (texts/s) by model. */
export function qualityPoints(records: readonly BenchRecord[]): QualityPoint[] {
  const ndcg = new Map<string, number>();
  const bytes = new Map<string, number>();
  const speeds = new Map<string, { value: number; backend: string }>();
  for (const { suites } of records) {
    for (const { suite, figures } of suites) {
      if (suite === 'embed') forgetOlder(speeds, figures);
      for (const { tags, unit, value, peer } of figures) {
        const { model, engine, collection, mode, lengths, backend } = tags;
        if (!model) continue;
        if (suite === 'quality' && unit === 'nDCG@10') ndcg.set([model, collection, mode].join('|'), value);
        if (unit === 'bytes' && tags['part'] === 'model') bytes.set(model, value);
        if (
          suite !== 'embed' ||
          unit !== 'texts/s' ||
          engine !== 'burrow' ||
          lengths !== 'mixed' ||
          peer !== null
        )
          continue;
        if (value > (speeds.get(model)?.value ?? 0)) speeds.set(model, { value, backend: backend ?? '' });
      }
    }
  }
  const points: QualityPoint[] = [];
  for (const [key, hybrid] of ndcg) {
    const [model, collection, mode] = key.split('|') as [string, string, string];
    const speed = speeds.get(model);
    if (mode !== 'hybrid' || !speed) continue;
    const keyword = ndcg.get([model, collection, 'keyword'].join('|')) ?? Number.NaN;
    points.push({
      model,
      collection,
      hybrid,
      keyword,
      textsPerSecond: speed.value,
      backend: speed.backend,
      bytes: bytes.get(model),
    });
  }
  return points;
}

/** A newer run replaces what an older one said of the same models. */
function forgetOlder(speeds: Map<string, unknown>, figures: { tags: Record<string, string> }[]): void {
  for (const { tags } of figures) if (tags['model']) speeds.delete(tags['model']);
}

import type { EmbedRun } from '../engines/embedding.ts';
import type { EngineName } from '../engines/index.ts';
import { firstLine } from '../harness/first-line.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import type { CaseResult, Ratio, Surroundings } from '../harness/types.ts';
import type { Tags } from '../records/schema.ts';

export interface EmbedContestant {
  /** Name of its series. */
  name: string;
  engine: EngineName;
  options: unknown;
  tags: Tags;
}

/** Below this the two sides do not compute the same model. int8 against fp32 lies at 0.98. */
const LEAST_COSINE = 0.9;

/** Measures embedders on the same texts, interleaved, each in its own realm, and adds rates and ratios to a result. */
export async function compareEmbedders(
  result: CaseResult,
  { quick, signal, onProgress }: Surroundings,
  contestants: EmbedContestant[],
  texts: string[],
  ratios: Ratio[],
  operation: 'embed' | 'embedEach' = 'embed',
): Promise<void> {
  const open: { contestant: EmbedContestant; realm: Realm }[] = [];
  try {
    for (const contestant of contestants) {
      onProgress(0, `${contestant.name}: starting`);
      try {
        open.push({ contestant, realm: await Realm.open(contestant.engine, contestant.options, signal) });
      } catch (error) {
        signal.throwIfAborted();
        result.skipped.push({ name: contestant.name, reason: firstLine(error) });
      }
    }
    const { values, calibration } = await interleave(
      open.map(({ contestant, realm }) => ({
        name: contestant.name,
        run: () => realm.call<EmbedRun>(operation, { texts }),
      })),
      { rounds: quick ? 2 : 4, signal, onRound: (done, of, name) => onProgress(done / of, name) },
    );
    result.calibration.push(...calibration);
    for (const { contestant, realm } of open) {
      const runs = values.get(contestant.name)!;
      result.series.push({
        name: contestant.name,
        unit: 'texts/s',
        better: 'higher',
        samples: runs.map(({ milliseconds }) => (texts.length * 1000) / milliseconds),
        tags: { lengths: 'mixed', ...contestant.tags },
      });
      const { batch, threads } = realm.facts;
      if (batch !== undefined)
        result.remarks.push(`${contestant.name}: batches of ${batch}, threads: ${threads}.`);
    }
    checkAgreement(
      result,
      values,
      open.map(({ contestant }) => contestant),
    );
    result.ratios.push(...ratios);
  } finally {
    await Promise.all(open.map(({ realm }) => realm.close()));
  }
}

/** Sides that run one model must give one vector. */
function checkAgreement(
  result: CaseResult,
  values: Map<string, EmbedRun[]>,
  contestants: EmbedContestant[],
): void {
  const references = new Map<string, { name: string; first: number[] }>();
  for (const { name, tags } of contestants) {
    const first = values.get(name)?.[0]?.first;
    if (!first) continue;
    const reference = references.get(tags['model']!);
    if (!reference) {
      references.set(tags['model']!, { name, first });
      continue;
    }
    const [tokens, others] = [name, reference.name].map((one) => values.get(one)?.[0]?.tokens);
    if (tokens !== undefined && others !== undefined && tokens !== others)
      throw new Error(`${name} computes ${tokens} tokens, ${reference.name} ${others}: no equal work.`);
    const cosine =
      first.reduce((sum, value, i) => sum + value * reference.first[i]!, 0) /
      (length(first) * length(reference.first));
    if (!(cosine >= LEAST_COSINE))
      throw new Error(`${name} and ${reference.name} disagree: cosine ${cosine.toFixed(3)} for one text.`);
  }
}

function length(vector: number[]): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

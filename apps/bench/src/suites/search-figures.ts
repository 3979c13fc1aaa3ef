import { KINDS, type SearchQueries } from '../engines/search-types.ts';
import type { Realm } from '../harness/realm.ts';
import type { CaseResult } from '../harness/types.ts';
import { BURROW, INT8, type Contestant } from './search-sides.ts';

/** Aims against Orama, by what is measured and number of documents. */
const AIMS: Record<string, number> = {
  'keyword 10k': 20,
  'hybrid 10k': 20,
  'save 10k': 15,
  'open 10k': 15,
  'memory 50k': 8,
};

/** Keeps a series of one engine. */
export type Add = (
  name: string,
  engine: string,
  unit: string,
  better: 'higher' | 'lower',
  samples: number[],
  timed?: boolean,
) => void;

/** Saving and opening of those that can, in turn; who fails is passed over from then on, and `skip` is told. */
export async function saveAndOpen(
  open: { contestant: Contestant; realm: Realm }[],
  queries: SearchQueries,
  quick: boolean,
  add: Add,
  skip: (engine: string, error: unknown) => void,
): Promise<void> {
  const saves = new Map<string, { milliseconds: number; bytes: number }[]>();
  const loads = new Map<string, number[]>();
  const failed = new Set<string>();
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    for (const { contestant, realm } of open) {
      const { name } = contestant;
      if (!contestant.saves || failed.has(name)) continue;
      try {
        const saved = await realm.call<{ milliseconds: number; bytes: number }>('save');
        const loaded = await realm.call<number>('load', { queries });
        saves.set(name, [...(saves.get(name) ?? []), saved]);
        loads.set(name, [...(loads.get(name) ?? []), loaded]);
      } catch (error) {
        failed.add(name);
        skip(name, error);
      }
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
export function addRatios(result: CaseResult, label: string, contestants: Contestant[]): void {
  const has = (name: string): boolean => result.series.some((series) => series.name === name);
  for (const { name: peer } of contestants) {
    if (peer === BURROW || peer === INT8) continue;
    for (const measure of [
      ...KINDS.map((kind) => `${kind} p50`),
      'index rate',
      'save',
      'open and first answer',
      'memory in all without texts',
    ]) {
      const [ours, theirs] = [`${BURROW}: ${measure}, ${label}`, `${peer}: ${measure}, ${label}`];
      if (!has(theirs)) continue;
      const aim = peer === 'Orama' ? AIMS[`${measure.split(' ')[0]} ${label}`] : undefined;
      const ratio = { peer: theirs, ...(aim ? { aim } : {}), tags: { peer, axis: `against ${peer}` } };
      if (has(ours)) result.ratios.push({ ...ratio, name: `${measure} against ${peer}, ${label}`, ours });
      const int8 = `${INT8}: ${measure}, ${label}`;
      if (peer === 'Orama' && has(int8))
        result.ratios.push({ ...ratio, name: `${measure} of int8 against ${peer}, ${label}`, ours: int8 });
    }
  }
}

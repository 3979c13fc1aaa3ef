import type { Corpus, SearchQueries } from '../engines/search-types.ts';
import type { Durability, StoreRun } from '../engines/store-types.ts';
import { firstLine } from '../harness/first-line.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import {
  emptyResult,
  type BenchCase,
  type CaseResult,
  type Suite,
  type Surroundings,
} from '../harness/types.ts';
import { bytesCase } from './store-bytes.ts';
import { handOverCase } from './store-hand-over.ts';
import { STORES } from './store-sides.ts';
import { upkeepCase } from './store-upkeep.ts';
import { loadPassages } from './surroundings.ts';

const AIM_APPEND = 2;
const AIM_OPEN = 15;

async function appendAndReopen(
  durability: Durability,
  { quick, signal, onProgress }: Surroundings,
): Promise<CaseResult> {
  const { passages, data } = await loadPassages();
  const result = emptyResult();
  const count = quick ? 20 : 100;
  result.data.push({ ...data, items: count });
  const documents = passages.slice(0, count);
  const open: { name: string; realm: Realm }[] = [];
  try {
    for (const [name, engine] of STORES) {
      onProgress(0, `${name}: starting`);
      try {
        const realm = await Realm.open(engine, { durability }, signal);
        await realm.call<StoreRun>('write', { documents });
        open.push({ name, realm });
      } catch (error) {
        signal.throwIfAborted();
        result.skipped.push({
          name: `${name}, ${durability}`,
          reason: firstLine(error),
        });
      }
    }
    const appends = await interleave(
      open.map(({ name, realm }) => ({ name, run: () => realm.call<StoreRun>('write', { documents }) })),
      {
        rounds: quick ? 2 : 5,
        // Engines compile what runs often.
        warmUps: quick ? 0 : 5,
        signal,
        onRound: (done, of, name) => onProgress((0.7 * done) / of, `${name}: append`),
      },
    );
    const opens = await interleave(
      open.map(({ name, realm }) => ({
        name,
        run: () => realm.call<{ milliseconds: number; count: number }>('reopen'),
      })),
      {
        rounds: quick ? 2 : 5,
        warmUps: 0,
        signal,
        onRound: (done, of, name) => onProgress(0.7 + (0.3 * done) / of, `${name}: open`),
      },
    );
    result.calibration.push(...appends.calibration, ...opens.calibration);
    for (const { name } of open) {
      const tags = { engine: name, durability };
      const rates = appends.values.get(name)!.map(({ milliseconds }) => (count * 1000) / milliseconds);
      result.series.push({
        name: `${name}: append, ${durability}`,
        unit: 'documents/s',
        better: 'higher',
        samples: rates,
        tags: { ...tags, axis: 'append' },
      });
      const reopened = opens.values.get(name)!;
      if (reopened.some((one) => one.count !== reopened[0]!.count || one.count < count))
        throw new Error(`${name} lost documents: ${reopened[0]!.count} came back.`);
      result.series.push({
        name: `${name}: open and read all, ${durability}`,
        unit: 'ms',
        better: 'lower',
        samples: reopened.map(({ milliseconds }) => milliseconds),
        tags: { ...tags, axis: 'open' },
      });
    }
    for (const [peer] of STORES.slice(1)) {
      result.ratios.push({
        name: `append against ${peer}, ${durability}`,
        ours: `burrow: append, ${durability}`,
        peer: `${peer}: append, ${durability}`,
        aim: AIM_APPEND,
      });
      result.ratios.push({
        name: `open and read all against ${peer}, ${durability}`,
        ours: `burrow: open and read all, ${durability}`,
        peer: `${peer}: open and read all, ${durability}`,
      });
    }
    return result;
  } finally {
    await Promise.all(open.map(({ realm }) => realm.close()));
  }
}

function keptCase(count: number): BenchCase {
  return {
    name: `kept index ${count / 1000}k`,
    title: `Opening a kept index of ${count.toLocaleString('en')} documents, up to the first answer`,
    async run({ quick, signal, onProgress }) {
      const { passages, data } = await loadPassages();
      const result = emptyResult();
      const size = quick ? count / 10 : count;
      const label = `${size / 1000}k`;
      result.data.push({ ...data, items: size });
      onProgress(0, 'embedding the passages');
      const maker = await Realm.open(
        'corpus',
        { passages, count: size, queries: 4, dimensions: 384 },
        signal,
      );
      const made = await maker.call<{ corpus: Corpus; queries: SearchQueries }>('make');
      await maker.close();
      onProgress(0.1, 'indexing');
      const realm = await Realm.open('kept-index', made, signal);
      try {
        const cannot = String(realm.facts['cannot']);
        const ways = (['burrow', 'read', 'Orama'] as const).filter((way) => way !== 'Orama' || cannot === '');
        const { values, calibration } = await interleave(
          ways.map((name) => ({ name, run: () => realm.call<number>(name) })),
          {
            rounds: quick ? 2 : 5,
            signal,
            onRound: (done, of, name) => onProgress(0.2 + (0.8 * done) / of, name),
          },
        );
        result.calibration.push(...calibration);
        const title = {
          burrow: 'burrow: open and first answer',
          read: 'merely reading the bytes',
          Orama: 'Orama: open and first answer',
        };
        for (const way of ways) {
          result.series.push({
            name: `${title[way]}, kept ${label}`,
            unit: 'ms',
            better: 'lower',
            samples: values.get(way)!,
            tags: { engine: way, size: label, axis: 'open a kept index' },
          });
        }
        const ours = `${title.burrow}, kept ${label}`;
        if (cannot !== '') result.skipped.push({ name: `${title.Orama}, kept ${label}`, reason: cannot });
        else
          result.ratios.push({
            name: `open a kept index against Orama, ${label}`,
            ours,
            peer: `${title.Orama}, kept ${label}`,
            aim: AIM_OPEN,
          });
        result.ratios.push({
          name: `open a kept index against merely reading it, ${label}`,
          ours,
          peer: `${title.read}, kept ${label}`,
          aim: 1 / 3,
        });
        return result;
      } finally {
        await realm.close();
      }
    },
  };
}

export const store: Suite = {
  name: 'store',
  title: 'Storage',
  question:
    'How fast are acknowledged writes and opening, beside SQLite, PGlite and IndexedDB at the same durability, what do they take on the disk, and what is felt of upkeep and of a tab that goes?',
  cases: [
    {
      name: 'strict',
      title: 'One document after the other, each flushed before it is acknowledged',
      run: (around) => appendAndReopen('strict', around),
    },
    {
      name: 'relaxed',
      title: 'One document after the other, acknowledged before it is flushed',
      run: (around) => appendAndReopen('relaxed', around),
    },
    keptCase(10_000),
    keptCase(50_000),
    bytesCase,
    handOverCase,
    upkeepCase,
  ],
};

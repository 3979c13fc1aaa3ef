import type { EmbedRun } from '../engines/embedding.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase } from '../harness/types.ts';
import { MINILM, skippedMiniLm, transformersAtBest } from './embed-minilm.ts';
import { onCpu } from './embed-sides.ts';
import { measureMemory } from './memory.ts';
import { loadHubModels, loadTexts, mixed } from './surroundings.ts';

/** The browser answers when it next collects; headless it may not come to that. */
const LONGEST_WAIT = 30_000;

/** Bytes in use, undefined where the browser does not tell in time. */
function measureInTime(): Promise<number | undefined> {
  const late = new Promise<undefined>((resolve) => void setTimeout(resolve, LONGEST_WAIT));
  return Promise.race([measureMemory(), late]);
}

const named = (name: string): string => `${name}, memory after embedding`;

export const memoryCases: BenchCase[] = [
  {
    name: 'memory',
    title: 'Memory that embedding takes, beside transformers.js',
    async run({ quick, signal, onProgress }) {
      const { texts, data } = await loadTexts();
      const list = mixed(texts, quick ? 16 : 48);
      const model = (await loadHubModels()).get(MINILM);
      if (!model) return skippedMiniLm();
      const result = { ...emptyResult(), data: [data('mixed texts', list.length)] };
      const burrow = onCpu(model, 'MiniLM', [
        ['kernels', 'int8'],
        ['wasm', 'int8'],
      ]).filter(({ name }) => name.endsWith('all cores'));
      const peer = transformersAtBest(list.slice(0, 32));
      const contestants = [...burrow, peer];
      const skip = (name: string, when: string): void =>
        void result.skipped.push({
          name: named(name),
          reason: `measureUserAgentSpecificMemory() did not answer within ${LONGEST_WAIT / 1000} s ${when}; the sides after it were not measured`,
        });
      for (const [i, { name, engine, options, tags }] of contestants.entries()) {
        onProgress(i / contestants.length, name);
        const before = await measureInTime();
        if (before === undefined) {
          skip(name, 'before embedding');
          break;
        }
        const realm = await Realm.open(engine, options, signal);
        try {
          await realm.call<EmbedRun>('embed', { texts: list });
          // A WebAssembly memory never shrinks: what it holds now is the most that it held.
          const after = await measureInTime();
          if (after === undefined) {
            skip(name, 'while the engine was open');
            break;
          }
          result.series.push({
            name: named(name),
            unit: 'bytes',
            better: 'lower',
            samples: [after - before],
            timed: false,
            tags: { ...tags, axis: 'memory' },
          });
        } finally {
          await realm.close();
        }
      }
      for (const { name, tags } of burrow) {
        result.ratios.push({
          name: `memory of MiniLM, ${tags['backend']} against transformers.js at its best`,
          ours: named(name),
          peer: named(peer.name),
        });
      }
      return result;
    },
  },
];

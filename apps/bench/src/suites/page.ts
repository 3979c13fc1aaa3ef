import { openSearch } from '@burrow/worker';
import { calibrate } from '../harness/calibration.ts';
import { emptyResult, type Suite } from '../harness/types.ts';
import { quantile } from '../statistics/summary.ts';
import { loadPassages } from './surroundings.ts';

/** A task that holds the page's thread longer is felt. */
const AIM_LONGEST = 100;
/** The observer of long tasks tells of those above 50 ms. */
const PASSAGES_A_DOCUMENT = 20;

export const page: Suite = {
  name: 'page',
  title: 'The page while it works',
  question: 'Does importing documents hold up the page, and how fast are answers meanwhile?',
  cases: [
    {
      name: 'import',
      title: 'Importing real documents through @burrow/worker',
      async run({ quick, signal, onProgress }) {
        const result = emptyResult();
        const { passages, data } = await loadPassages();
        const count = quick ? 40 : 400;
        result.data.push({ ...data, items: count * PASSAGES_A_DOCUMENT });
        const documents = Array.from({ length: count }, (_, i) => ({
          id: `document ${i}`,
          title: `Document ${i}`,
          text: passages.slice(i * PASSAGES_A_DOCUMENT, (i + 1) * PASSAGES_A_DOCUMENT).join('\n\n'),
        }));
        await using search = await openSearch({ name: `bench-${crypto.randomUUID()}`, signal });
        // The model loads behind the opening; the import is what is measured.
        await search.add([{ id: 'first', text: 'The first document waits for the model.' }]);

        const watch = watchThread();
        const started = performance.now();
        const state = { importing: true };
        const done = search
          .add(documents, { signal, onProgress: ({ documents: at }) => onProgress(at / count, 'importing') })
          .finally(() => (state.importing = false));
        const latencies: number[] = [];
        for (let i = 0; state.importing && i < 50; i++) {
          const asked = performance.now();
          await Promise.race([
            search.query('how to configure the default options', { limit: 10, signal }),
            done,
          ]);
          if (state.importing) latencies.push(performance.now() - asked);
        }
        const { written } = await done;
        const seconds = (performance.now() - started) / 1000;
        const thread = watch();
        if (written.length !== count)
          throw new Error(`${written.length} of ${count} documents were written.`);

        for (let i = 0; i < 3; i++) result.calibration.push(calibrate());
        const tags = { engine: 'burrow', model: 'static-en', axis: 'import' };
        const add = (
          name: string,
          unit: string,
          better: 'higher' | 'lower',
          samples: number[],
          aim?: number,
        ): void =>
          void (
            samples.length > 0 &&
            result.series.push({ name, unit, better, samples, tags, ...(aim ? { aim } : {}) })
          );
        add(
          "longest task on the page's thread during an import",
          'ms',
          'lower',
          [thread.longest],
          AIM_LONGEST,
        );
        add("longest gap between timers on the page's thread", 'ms', 'lower', [thread.gap]);
        add('import rate', 'documents/s', 'higher', [count / seconds]);
        add(
          'answer during an import, p50',
          'ms',
          'lower',
          latencies.length > 0 ? [quantile(latencies, 0.5)] : [],
        );
        add(
          'answer during an import, p95',
          'ms',
          'lower',
          latencies.length > 0 ? [quantile(latencies, 0.95)] : [],
        );
        result.remarks.push(
          `${thread.count} tasks of more than 50 ms on the page's thread while ${count} documents came in; ${latencies.length} queries meanwhile.`,
        );
        await search.clear();
        return result;
      },
    },
  ],
};

/** Watches the page's thread until the returned function is called. */
function watchThread(): () => { longest: number; gap: number; count: number } {
  let [longest, gap, count] = [0, 0, 0];
  const take = (entries: PerformanceEntryList): void => {
    for (const { duration } of entries) {
      longest = Math.max(longest, duration);
      count++;
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: 'longtask' });
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  }, 4);
  return () => {
    take(observer.takeRecords());
    observer.disconnect();
    clearInterval(timer);
    return { longest, gap, count };
  };
}

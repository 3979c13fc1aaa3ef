import type { FirstVisit } from '../first-visit.ts';
import { calibrate } from '../harness/calibration.ts';
import { emptyResult, type Suite, type Surroundings } from '../harness/types.ts';
import { address } from './surroundings.ts';
import { countTraffic, isModelFile, readTraffic, type Sent } from './traffic.ts';

export const startup: Suite = {
  name: 'startup',
  title: 'First visit',
  question: 'How many bytes does a first visit download, and how long until the first answer?',
  cases: [false, true].map((isolated) => ({
    name: isolated ? 'isolated' : 'not isolated',
    title: `A page of ten lines in an empty browser, ${isolated ? 'with' : 'without'} isolation headers`,
    isolated,
    trend: true,
    async run(around: Surroundings) {
      const result = emptyResult();
      const where = isolated ? 'isolated' : 'not isolated';
      const tags = { engine: 'burrow', model: 'static-en', axis: 'first visit' };
      const counts = await countTraffic();
      const visit = await visitOnce(around);
      if (visit.error) throw new Error(visit.error);
      if (visit.hits === 0) throw new Error('The first query had no answer.');
      const time = (name: string, milliseconds: number): void =>
        void result.series.push({
          name: `${name}, ${where}`,
          unit: 'ms',
          better: 'lower',
          samples: [milliseconds],
          tags,
        });
      calibrate(); // so that the engine has compiled it
      for (let i = 0; i < 3; i++) result.calibration.push(calibrate());
      time('index open', visit.open);
      time('first answer', visit.firstAnswer);
      if (!counts) {
        result.skipped.push({
          name: 'bytes of a first visit',
          reason: "only the runner's server counts what it sends; run it with npm run -s bench",
        });
        return result;
      }
      const sent = await readTraffic();
      const add = (name: string, files: Sent[], part: string): void => {
        const total = (size: 'bytes' | 'gzip'): number => files.reduce((sum, file) => sum + file[size], 0);
        for (const size of ['bytes', 'gzip'] as const) {
          result.series.push({
            name: `${name}${size === 'gzip' ? ', gzip' : ''}, ${where}`,
            unit: 'bytes',
            better: 'lower',
            samples: [total(size)],
            timed: false,
            tags: { ...tags, part: `${part} ${size}`, axis: 'bytes of a first visit' },
          });
        }
      };
      add('all files', sent, 'all');
      add(
        'code',
        sent.filter((file) => !isModelFile(file)),
        'code',
      );
      add('model', sent.filter(isModelFile), 'weights');
      result.remarks.push(
        `A first visit (${where}) asks for ${sent.length} files: ${sent.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(', ')}.`,
      );
      return result;
    },
  })),
};

/** Loads the page of a first visit in a frame. */
function visitOnce({ signal, onProgress }: Surroundings): Promise<FirstVisit> {
  onProgress(0, 'loading');
  const frame = document.createElement('iframe');
  frame.src = address('first-visit.html');
  frame.hidden = true;
  return new Promise<FirstVisit>((resolve, reject) => {
    addEventListener(
      'message',
      ({ source, data }: MessageEvent<FirstVisit>) => source === frame.contentWindow && resolve(data),
      { signal },
    );
    signal.addEventListener('abort', () => reject(signal.reason));
    document.body.append(frame);
  }).finally(() => frame.remove());
}

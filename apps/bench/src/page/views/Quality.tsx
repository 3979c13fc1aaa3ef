import { createMemo, For, Show, type JSX } from 'solid-js';
import { qualityPoints, type QualityPoint } from '../../records/quality.ts';
import type { BenchRecord } from '../../records/schema.ts';
import { DataTable } from '../components/DataTable.tsx';
import { formatBytes, formatNumber } from '../format.ts';

const WIDTH = 640;
const HEIGHT = 340;
const MARGIN = { left: 56, right: 24, top: 16, bottom: 44 };

/** How well a model ranks against how fast it embeds; the area of a dot is the size of the model. */
export function Quality(props: { records: BenchRecord[] }): JSX.Element {
  const points = createMemo(() => qualityPoints(props.records));
  const collections = (): string[] => [...new Set(points().map(({ collection }) => collection))];
  return (
    <Show
      when={points().length > 0}
      fallback={
        <p>
          Quality needs a record with the suites quality and embed in it:{' '}
          <code>npm run -s bench -- --suite all --record</code> where the judged collections are.
        </p>
      }
    >
      <p>
        Up is better, right is faster. Hybrid search, nDCG@10 with linear gain; texts a second on the fastest
        correct backend of that run.
      </p>
      <For each={collections()}>
        {(collection) => {
          const own = (): QualityPoint[] => points().filter((point) => point.collection === collection);
          return (
            <section class="panel">
              <figure class="chart">
                <figcaption>{collection}</figcaption>
                <Scatter points={own()} />
              </figure>
              <DataTable<QualityPoint>
                caption={`${collection}: quality and speed by model`}
                rows={own()}
                columns={[
                  { title: 'model', cell: ({ model }) => model },
                  { title: 'nDCG@10 hybrid', numeric: true, cell: ({ hybrid }) => hybrid.toFixed(3) },
                  { title: 'keyword', numeric: true, cell: ({ keyword }) => keyword.toFixed(3) },
                  {
                    title: 'texts/s',
                    numeric: true,
                    cell: ({ textsPerSecond }) => formatNumber(textsPerSecond),
                  },
                  { title: 'backend', cell: ({ backend }) => backend },
                  {
                    title: 'size',
                    numeric: true,
                    cell: ({ bytes }) => (bytes === undefined ? '' : formatBytes(bytes)),
                  },
                ]}
              />
            </section>
          );
        }}
      </For>
    </Show>
  );
}

function Scatter(props: { points: QualityPoint[] }): JSX.Element {
  const speeds = (): number[] => props.points.map(({ textsPerSecond }) => Math.log10(textsPerSecond));
  const range = createMemo(() => {
    const scores = props.points.map(({ hybrid }) => hybrid);
    return {
      x: [Math.floor(Math.min(...speeds())), Math.ceil(Math.max(...speeds()) + 0.01)] as const,
      y: [
        Math.floor(Math.min(...scores) * 20 - 0.5) / 20,
        Math.ceil(Math.max(...scores) * 20 + 0.5) / 20,
      ] as const,
    };
  });
  const x = (log: number): number =>
    MARGIN.left +
    ((log - range().x[0]) / (range().x[1] - range().x[0])) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (score: number): number =>
    HEIGHT -
    MARGIN.bottom -
    ((score - range().y[0]) / (range().y[1] - range().y[0])) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const radius = (bytes: number | undefined): number => (bytes ? 3 * Math.sqrt(bytes / 1e6) : 5);
  const decades = (): number[] =>
    Array.from({ length: range().x[1] - range().x[0] + 1 }, (_, i) => range().x[0] + i);
  const steps = (): number[] =>
    Array.from(
      { length: Math.round((range().y[1] - range().y[0]) * 20) + 1 },
      (_, i) => range().y[0] + i / 20,
    );
  return (
    <svg
      class="scatter"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label="Quality against speed by model; the table below has the figures"
    >
      <For each={decades()}>
        {(log) => (
          <>
            <line class="grid" x1={x(log)} x2={x(log)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
            <text x={x(log)} y={HEIGHT - MARGIN.bottom + 16} text-anchor="middle">
              {formatNumber(10 ** log)}
            </text>
          </>
        )}
      </For>
      <For each={steps()}>
        {(score) => (
          <>
            <line class="grid" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(score)} y2={y(score)} />
            <text x={MARGIN.left - 8} y={y(score) + 4} text-anchor="end">
              {score.toFixed(2)}
            </text>
          </>
        )}
      </For>
      <text x={WIDTH / 2} y={HEIGHT - 8} text-anchor="middle">
        texts/s
      </text>
      <For each={props.points}>
        {(point) => (
          <g>
            <circle cx={x(Math.log10(point.textsPerSecond))} cy={y(point.hybrid)} r={radius(point.bytes)} />
            <text
              x={x(Math.log10(point.textsPerSecond))}
              y={y(point.hybrid) - radius(point.bytes) - 5}
              text-anchor="middle"
            >
              {point.model}
            </text>
          </g>
        )}
      </For>
    </svg>
  );
}

import { operations, type OperatorRun, type OperatorShape } from '../engines/operator-types.ts';
import { interleave } from '../harness/interleave.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase, type Suite } from '../harness/types.ts';
import { NO_VNNI } from './surroundings.ts';

/** Shapes of MiniLM's encoder: a query, a passage, a batch of passages. */
const SHAPES: OperatorShape[] = [
  ...(['matmul int8', 'matmul f32'] as const).flatMap((operator) => [
    { operator, m: 16, k: 384, n: 1536 },
    { operator, m: 128, k: 384, n: 1536 },
    { operator, m: 512, k: 1536, n: 384 },
    { operator, m: 128, k: 384, n: 384 },
  ]),
  { operator: 'softmax', m: 1536, k: 128, n: 1 },
  { operator: 'scan f32', m: 1, k: 256, n: 2000 },
  { operator: 'scan f32', m: 1, k: 384, n: 2000 },
];
/** Relative to the largest number: dynamic 8-bit quantisation of both sides differs this much. */
const TOLERANCE: Record<OperatorShape['operator'], number> = {
  'matmul f32': 1e-4,
  'matmul int8': 0.06,
  softmax: 1e-4,
  'scan f32': 1e-4,
};

const nameOf = ({ operator, m, k, n }: OperatorShape): string =>
  operator === 'softmax'
    ? `softmax ${m} × ${k}`
    : operator === 'scan f32'
      ? `scan f32 ${n} × ${k}`
      : `${operator} ${m} × ${k} × ${n}`;

function operatorCase(name: string, title: string, flags: string[] | undefined, suffix: string): BenchCase {
  return {
    name,
    title,
    ...(flags ? { flags } : { trend: true }),
    async run({ quick, signal, onProgress }) {
      const result = emptyResult();
      const sides = [
        { name: 'burrow', realm: await Realm.open('kernel-operators', {}, signal) },
        { name: 'ONNX Runtime', realm: await Realm.open('onnx-operators', {}, signal) },
      ];
      try {
        for (const [at, shape] of SHAPES.entries()) {
          const title = nameOf(shape);
          const { values, calibration } = await interleave(
            sides.map(({ name, realm }) => ({ name, run: () => realm.call<OperatorRun>('run', shape) })),
            {
              rounds: quick ? 2 : 7,
              signal,
              onRound: (done, of, side) => onProgress((at + done / of) / SHAPES.length, `${title}: ${side}`),
            },
          );
          result.calibration.push(...calibration);
          const [ours, peer] = sides.map(({ name }) => values.get(name)!) as [OperatorRun[], OperatorRun[]];
          expectSame(title, ours[0]!.head, peer[0]!.head, TOLERANCE[shape.operator]);
          for (const { name: side } of sides) {
            result.series.push({
              name: `${side}: ${title}${suffix}`,
              unit: shape.operator === 'softmax' ? 'M numbers/s' : 'GOP/s',
              better: 'higher',
              samples: values
                .get(side)!
                .map(
                  ({ milliseconds }) =>
                    operations(shape) / milliseconds / (shape.operator === 'softmax' ? 1e3 : 1e6),
                ),
              tags: { engine: side, operator: shape.operator, axis: `${shape.operator}${suffix}` },
            });
          }
          result.ratios.push({
            name: `${title} against ONNX Runtime${suffix}`,
            ours: `burrow: ${title}${suffix}`,
            peer: `ONNX Runtime: ${title}${suffix}`,
          });
        }
        result.remarks.push(`Kernels${suffix}: ${String(sides[0]!.realm.facts['engine'])} SIMD.`);
        return result;
      } finally {
        await Promise.all(sides.map(({ realm }) => realm.close()));
      }
    },
  };
}

function expectSame(title: string, a: number[], b: number[], tolerance: number): void {
  const most = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  const worst = Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  if (!(worst <= tolerance * most))
    throw new Error(`${title}: the two sides disagree by ${worst} of ${most}.`);
}

export const operators: Suite = {
  name: 'operators',
  title: 'Operators',
  question: 'How fast are the parts of an encoder on one thread, beside ONNX Runtime?',
  cases: [
    operatorCase('one thread', 'Matrix products, softmax and scans on one thread', undefined, ''),
    operatorCase(
      'no AVX-VNNI',
      'The same with the newest instructions switched off',
      NO_VNNI.flags,
      NO_VNNI.suffix,
    ),
  ],
};

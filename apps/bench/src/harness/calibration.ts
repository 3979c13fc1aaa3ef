const SIZE = 96;
const ROUNDS = 24;

const a = new Float32Array(SIZE * SIZE).map((_, i) => ((i * 37) % 101) / 101);
const b = new Float32Array(SIZE * SIZE).map((_, i) => ((i * 53) % 97) / 97);
const c = new Float32Array(SIZE * SIZE);
/** Kept where the engine cannot see that nobody reads it. */
export const sink: { value: number } = { value: 0 };

/**
 * Speed of this machine at this moment on a fixed piece of work: a plain matrix product in JavaScript, on one thread, in
 * millions of multiply-add steps a second. Figures divided by it can be compared between machines; a drop beside a figure
 * says that something else was running. The work must never change, or old records lose their meaning.
 */
export function calibrate(): number {
  const started = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < SIZE; i++) {
      for (let j = 0; j < SIZE; j++) {
        let sum = 0;
        for (let k = 0; k < SIZE; k++) sum += a[i * SIZE + k]! * b[k * SIZE + j]!;
        c[i * SIZE + j] = sum;
      }
    }
    sink.value += c[round]!;
  }
  return (ROUNDS * SIZE ** 3) / 1e3 / (performance.now() - started);
}

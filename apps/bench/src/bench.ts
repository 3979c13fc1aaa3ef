// The page that the headless runner drives: no picture, only the suites.
import './harness/bench-page.ts';
import { SUITES, suiteNamed } from './suites/index.ts';
import { findGpu } from './suites/surroundings.ts';
import { hasRelaxedSimd } from './harness/relaxed-simd.ts';

globalThis.benchPage = {
  suites: () =>
    SUITES.map(({ name, cases }) => ({
      name,
      cases: cases.map(({ name, isolated = true, flags = [], trend = false, sides = [] }) => ({
        name,
        isolated,
        flags,
        trend,
        sides,
      })),
    })),
  environment: async () => ({
    userAgent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    isolated: crossOriginIsolated,
    relaxedSimd: hasRelaxedSimd(),
    gpu: await findGpu(),
  }),
  run(suite, name, quick, side) {
    const found = suiteNamed(suite).cases.find((one) => one.name === name);
    if (!found) throw new Error(`Suite ${suite} has no case "${name}".`);
    return found.run({
      quick,
      side,
      signal: new AbortController().signal,
      onProgress: (done, what) =>
        globalThis.benchProgress?.(`${suite}, ${name}: ${Math.round(done * 100)} % ${what}`),
    });
  },
};

import { afterAll, beforeAll, expect, it } from 'vitest';
import { listSuites, runSuite } from '../../runner/run-suite.ts';
import { type BenchServers, serveApp } from '../../runner/serve.ts';

let servers: BenchServers;

beforeAll(async () => {
  servers = await serveApp();
});
afterAll(() => servers[Symbol.asyncDispose]());

it('tells which suites and cases the built bench has', async () => {
  const suites = await listSuites(servers.isolated);
  expect(suites.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['embed', 'search', 'store', 'startup']),
  );
  for (const { cases } of suites) expect(cases.length).toBeGreaterThan(0);
});

it('runs the chosen cases of a suite in browsers of their own, and gives figures', async () => {
  const log: string[] = [];
  const options = { servers, gpuFlags: [], quick: true, processes: 1, trend: false };
  const { figures, skipped } = await runSuite('startup', {
    ...options,
    only: ['not isolated'],
    log: (line) => log.push(line),
  });
  expect(skipped).toEqual([]);
  expect(log).toContain('startup, not isolated: browser 1 of 1');
  const code = figures.find(({ name }) => name === 'code, not isolated');
  expect(code?.value).toBeGreaterThan(100_000);
});

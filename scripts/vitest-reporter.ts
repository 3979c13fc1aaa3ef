import { mkdirSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
}

/** Writes the counts and the reasons for skips to a file that scripts/check.mjs adds up. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: errors.length, skipped: [] };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const result = test.result();
        if (result.state === 'passed') tally.passed++;
        else if (result.state === 'failed') tally.failed++;
        else {
          const note = result.state === 'skipped' ? result.note : undefined;
          tally.skipped.push({ name: test.fullName, reason: note ?? 'no reason given' });
        }
      }
      if (tests.length === 0 || module.errors().length > 0) tally.failed++;
    }
    mkdirSync('.test-results', { recursive: true });
    writeFileSync(process.env['TALLY_FILE'] ?? '.test-results/vitest.json', JSON.stringify(tally));
  }
}

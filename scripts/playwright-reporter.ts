import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';

/** Writes the counts and the reasons for skips to a file that scripts/check.mjs adds up. */
export default class TallyReporter implements Reporter {
  #suite: Suite | undefined;
  #errors = 0;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onError(): void {
    this.#errors++;
  }

  onEnd(result: FullResult): void {
    const tests = this.#suite?.allTests() ?? [];
    const tally = { passed: 0, failed: this.#errors, skipped: [] as { name: string; reason: string }[] };
    for (const test of tests) {
      const outcome = test.outcome();
      const name = test.titlePath().filter(Boolean).join(' > ');
      if (outcome === 'skipped') {
        const note = test.annotations.find(({ type }) => type === 'skip' || type === 'fixme');
        // A test that never ran because the run broke off is a failure, not a skip.
        if (note || test.expectedStatus === 'skipped')
          tally.skipped.push({ name, reason: note?.description ?? 'no reason given' });
        else tally.failed++;
      } else if (outcome === 'unexpected') tally.failed++;
      else tally.passed++;
    }
    if (tests.length === 0 || (result.status !== 'passed' && tally.failed === 0)) tally.failed++;
    const file = resolve(process.env['TALLY_FILE'] ?? '.test-results/e2e.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(tally));
  }
}

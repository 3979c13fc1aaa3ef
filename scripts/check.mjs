// The one test command: build, types, lint, packages, unit, browser and end-to-end tests.
// The last line adds up all runners: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const RESULTS = '.test-results';
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });

const total = { passed: 0, failed: 0, skipped: [] };
const failures = [];

function run(name, command, args, env = {}) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...env },
  });
  console.log(
    `== ${name}: ${status === 0 ? 'ok' : 'failed'} in ${Math.round((Date.now() - started) / 1000)} s`,
  );
  if (status !== 0) failures.push(name);
  return status === 0;
}

/** Adds the counts of a runner. A runner that left no counts has failed. */
function tally(name, file, ok) {
  if (!existsSync(file)) {
    total.failed++;
    console.error(`${name} left no results`);
    return;
  }
  const counts = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped.push(...counts.skipped.map((skip) => ({ ...skip, runner: name })));
  if (!ok && counts.failed === 0) total.failed++;
}

/** A step without counts of its own is one test: it passes or fails as a whole. */
function step(name, command, args) {
  if (run(name, command, args)) total.passed++;
  else total.failed++;
}

if (!run('chromium', 'node', ['scripts/ensure-chromium.mjs'])) process.exit(1);
const turbo = (...tasks) => [
  'exec',
  'turbo',
  'run',
  ...tasks,
  '--output-logs=errors-only',
  '--log-prefix=none',
  '--force',
];
step('build', 'pnpm', turbo('build'));
if (failures.length === 0) {
  step('types', 'pnpm', turbo('typecheck', '--only'));
  step('types of tools', 'pnpm', ['exec', 'tsc', '-p', 'tsconfig.json']);
  step('lint', 'pnpm', ['run', 'lint']);
  step('unused code', 'pnpm', ['run', 'knip']);
  step('packages', 'pnpm', turbo('pack:check', '--only'));
  step('size', 'pnpm', ['run', 'size']);
  const firstVisit = ['--suite', 'startup', '--quick', '--check', '--json'];
  step('budget of a first visit', 'pnpm', ['--filter', '@burrow/bench', 'run', 'bench', ...firstVisit]);
  for (const project of ['node', 'chromium']) {
    const file = `${RESULTS}/vitest-${project}.json`;
    tally(
      project,
      file,
      run(`vitest ${project}`, 'pnpm', ['exec', 'vitest', 'run', '--project', project], { TALLY_FILE: file }),
    );
  }
  step('killed browsers', 'pnpm', [
    '--filter',
    '@burrow/worker',
    'run',
    'torture',
    '--kills',
    '10',
    '--seed',
    '1',
    '--stuck',
    '1',
    '--json',
  ]);
  const consumer = `${RESULTS}/consumer.json`;
  tally(
    'consumer',
    consumer,
    run('packed packages in a fresh app', 'node', ['scripts/check-consumer.mjs'], { TALLY_FILE: consumer }),
  );
  const e2e = `${RESULTS}/e2e.json`;
  tally('e2e', e2e, run('end to end', 'pnpm', ['run', 'test:e2e'], { TALLY_FILE: e2e }));
}

if (total.skipped.length > 0) {
  console.log('\nSkipped:');
  for (const { runner, name, reason } of total.skipped) console.log(`  ${runner}: ${name} (${reason})`);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
process.exit(total.failed > 0 || failures.length > 0 ? 1 : 0);

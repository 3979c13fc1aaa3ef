// Runs `pnpm --filter @burrow/bench run <script> …` through npx, so that a bare clone needs only npm;
// standard output is the script's alone.
import { spawnSync } from 'node:child_process';

const [script, ...args] = process.argv.slice(2);
const pnpm = (list, stdio) => spawnSync('npx', ['--yes', 'pnpm@12.21.0', ...list], { stdio }).status ?? 1;
const toStandardError = ['inherit', 2, 'inherit'];
const prepared =
  pnpm(['install', '--silent'], toStandardError) ||
  pnpm(
    ['exec', 'turbo', 'run', 'build', '--filter=@burrow/bench', '--output-logs=errors-only'],
    toStandardError,
  );
process.exit(prepared || pnpm(['--silent', '--filter', '@burrow/bench', 'run', script, ...args], 'inherit'));

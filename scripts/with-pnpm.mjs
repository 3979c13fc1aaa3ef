// Runs `pnpm --filter <package> run <script> …` through npx, so that a bare clone needs only npm;
// standard output is the script's alone.
import { spawnSync } from 'node:child_process';

/** Which package has the script. */
const PACKAGES = { bench: '@burrow/bench', eval: '@burrow/bench', torture: '@burrow/worker' };

const [script, ...args] = process.argv.slice(2);
const filter = PACKAGES[script];
const pnpm = (list, stdio) => spawnSync('npx', ['--yes', 'pnpm@12.21.0', ...list], { stdio }).status ?? 1;
const toStandardError = ['inherit', 2, 'inherit'];
const prepared =
  pnpm(['install', '--silent'], toStandardError) ||
  pnpm(['exec', 'turbo', 'run', 'build', `--filter=${filter}`, '--output-logs=errors-only'], toStandardError);
process.exit(prepared || pnpm(['--silent', '--filter', filter, 'run', script, ...args], 'inherit'));

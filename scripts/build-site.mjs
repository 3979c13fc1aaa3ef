// One folder for any static host, on a sub-path too: the demo under demo/, the dashboard under bench/, and a page that leads
// to both. Each has a folder of its own, because the demo's service worker answers for everything below its own.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const site = join(root, 'site');
const pnpm = (...args) =>
  spawnSync('npx', ['--yes', 'pnpm@12.21.0', ...args], { cwd: root, stdio: ['inherit', 2, 'inherit'] })
    .status ?? 1;

const failed =
  pnpm('install', '--silent') ||
  pnpm(
    'exec',
    'turbo',
    'run',
    'build',
    '--filter=@burrow/demo',
    '--filter=@burrow/bench',
    '--output-logs=errors-only',
  );
if (failed) process.exit(failed);

rmSync(site, { recursive: true, force: true });
mkdirSync(site);
for (const app of ['demo', 'bench'])
  cpSync(join(root, 'apps', app, 'dist'), join(site, app), { recursive: true });
// The runner's own page measures with what only its server has.
if (existsSync(join(site, 'bench/bench.html'))) rmSync(join(site, 'bench/bench.html'));
writeFileSync(
  join(site, 'index.html'),
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:" />
    <title>Burrow</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <h1>Burrow</h1>
    <p>Private search that runs entirely in the browser.</p>
    <ul>
      <li><a href="demo/">The demo</a>: search your own documents by words and by meaning, offline</li>
      <li><a href="bench/">The bench</a>: how fast it is, over time, with machine and version beside every figure</li>
    </ul>
  </body>
</html>
`,
);
console.log(site);

// The README's example as a stranger would run it: the packed packages, installed with npm into a fresh Vite app
// with no configuration, in `vite dev` and `vite build`, without isolation headers, in a real browser; then again
// after a reload. Then a program without a browser, in Node, Deno and Bun. Writes counts for scripts/check.mjs.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright';
import { launchOptions } from './chromium.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PACKAGES = ['kernels', 'model-static-en', 'embed', 'core', 'store-opfs', 'worker'];
/** Run times that come from npm, for this one check only. */
const RUNTIMES = { bun: '1.4.5', deno: '2.9.6' };
const tally = { passed: 0, failed: 0, skipped: [] };

function example() {
  const code = /<!-- example -->\s*```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'));
  if (!code) throw new Error('README.md has no code block after <!-- example -->');
  return code[1];
}

function createApp() {
  const app = mkdtempSync(join(tmpdir(), 'burrow-consumer-'));
  const tarballs = join(app, 'tarballs');
  mkdirSync(tarballs);
  const specifiers = {};
  for (const name of PACKAGES) {
    execFileSync('pnpm', ['pack', '--pack-destination', tarballs], {
      cwd: join(root, 'packages', name),
      stdio: 'ignore',
    });
    const file = readdirSync(tarballs).find((entry) => entry.startsWith(`burrow-${name}-`));
    specifiers[`@burrow/${name}`] = `file:${join(tarballs, file)}`;
  }
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/vite/package.json'), 'utf8'));
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: specifiers,
    devDependencies: { vite: version, ...RUNTIMES },
    // The packages name each other by version; here these versions are the tarballs.
    overrides: specifiers,
  };
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(
    join(app, 'index.html'),
    '<!doctype html><title>consumer</title><script type="module" src="./main.js"></script>',
  );
  writeFileSync(join(app, 'main.js'), example());
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: app,
    stdio: 'inherit',
  });
  return app;
}

async function visit(browser, name, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url()))
      problems.push(`left the origin: ${request.url()}`);
  });
  try {
    for (const load of ['first visit', 'reload']) {
      if (load === 'first visit') await page.goto(url);
      else await page.reload();
      await page.waitForFunction(() => document.body.textContent.startsWith('passport'), null, {
        timeout: 60_000,
      });
      if (problems.length > 0) throw new Error(problems.join('; '));
      console.log(`  ok ${name}, ${load}: ${(await page.textContent('body')).slice(0, 60)}…`);
      tally.passed++;
    }
  } catch (error) {
    console.error(
      `  FAILED ${name}: ${error.message}\n  page: ${await page.textContent('body')}\n  ${problems.join('\n  ')}`,
    );
    tally.failed++;
  } finally {
    await context.close();
  }
}

/** All have to say the same. */
function tryRuntimes(app) {
  copyFileSync(join(root, 'scripts/consumer-runtime.mjs'), join(app, 'program.mjs'));
  const expected = '{"backend":"static","mode":"hybrid","ids":["d0","d1","d2"],"marked":[[8,16]],"orama":1}';
  const bin = (name) => join(app, 'node_modules/.bin', name);
  for (const [name, command, ...parameters] of [
    ['Node', process.execPath],
    ['Deno', bin('deno'), 'run', '--allow-all', '--quiet'],
    ['Bun', bin('bun')],
  ]) {
    try {
      const said = execFileSync(command, [...parameters, 'program.mjs'], {
        cwd: app,
        encoding: 'utf8',
        timeout: 60_000,
      }).trim();
      if (said !== expected) throw new Error(`it said ${said}, not ${expected}`);
      console.log(`  ok ${name}`);
      tally.passed++;
    } catch (error) {
      console.error(`  FAILED ${name}: ${error.message}`);
      tally.failed++;
    }
  }
}

const app = createApp();
const browser = await chromium.launch(launchOptions());
try {
  const { createServer, build, preview } = await import(
    pathToFileURL(join(app, 'node_modules/vite/dist/node/index.js')).href
  );
  const server = await createServer({ root: app, configFile: false, logLevel: 'error' });
  await server.listen(0);
  await visit(browser, 'vite dev', server.resolvedUrls.local[0]);
  await server.close();
  await build({ root: app, configFile: false, logLevel: 'error' });
  const served = await preview({ root: app, configFile: false, logLevel: 'error', preview: { port: 0 } });
  await visit(browser, 'vite build', served.resolvedUrls.local[0]);
  await served.close();
  tryRuntimes(app);
} catch (error) {
  console.error(error);
  tally.failed++;
} finally {
  await browser.close();
  rmSync(app, { recursive: true, force: true });
}
if (process.env.TALLY_FILE) writeFileSync(process.env.TALLY_FILE, JSON.stringify(tally));
console.log(`  ${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);

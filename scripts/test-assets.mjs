// Real weights and judged collections that some tests and measurements use. They are not part of the
// project: BURROW_ASSETS names their folder, by default `shared` beside the checkout. Tests that need
// them are skipped, with this reason, when it is missing.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The folder of test assets, with `models/` and `data/` in it. */
export const ASSETS = resolve(root, process.env.BURROW_ASSETS ?? '../shared');

/** Path of an asset, or undefined when it is not there. */
export function asset(...parts) {
  const path = join(ASSETS, ...parts);
  return existsSync(path) ? path : undefined;
}

/** Why a test that needs an asset is skipped. */
export function missingAsset(...parts) {
  return `needs ${parts.join('/')} under BURROW_ASSETS (see CONTRIBUTING.md)`;
}

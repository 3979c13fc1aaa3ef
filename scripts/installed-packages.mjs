// The packages that this workspace installs and whose licences let their documentation be shown and measured with: for the
// demo's sample collection and for the texts of the bench.
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PERMISSIVE = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'MIT OR Apache-2.0',
  '(MIT OR CC0-1.0)',
]);

/** pnpm's store of this workspace. */
export const STORE = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'node_modules/.pnpm');

/** Every package of the store under a permissive licence, all its versions, in the order of their folders. */
export async function installedPackages() {
  const packages = [];
  for (const entry of (await readdir(STORE)).sort()) {
    // "@scope+name@1.0.0_peers" holds @scope/name.
    const at = entry.indexOf('@', 1);
    if (at < 0) continue;
    const name = entry.slice(0, at).replace('+', '/');
    const folder = join(STORE, entry, 'node_modules', name);
    try {
      if ((await realpath(folder)) !== folder) continue;
      const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      if (PERMISSIVE.has(license)) packages.push({ name, version, licence: license, folder });
    } catch {
      // Not installed on this platform, or no package.
    }
  }
  return packages;
}

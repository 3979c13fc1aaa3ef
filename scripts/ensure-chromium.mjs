// Makes sure that a Chromium is there for the tests: Debian's, installed when we may, else says how.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromiumPath } from './chromium.mjs';

const path = chromiumPath();
if (!path || !existsSync(path)) {
  const install = 'apt-get update && apt-get install -y --no-install-recommends chromium';
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    console.error(`The tests need Chromium. Install it and run again:\n\n  sudo sh -c '${install}'\n`);
    console.error('or set CHROMIUM_PATH to a Chromium that is already there.');
    process.exit(1);
  }
  const { status } = spawnSync('sh', ['-c', install], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0 || !chromiumPath()) {
    console.error(`Chromium could not be installed. Run: ${install}`);
    process.exit(1);
  }
}

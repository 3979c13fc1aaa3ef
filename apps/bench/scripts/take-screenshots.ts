// Takes the README's pictures from the built page with the records of this repository.
import { fileURLToPath } from 'node:url';
import { openFreshPage } from '../runner/browser.ts';
import { serveApp } from '../runner/serve.ts';

const PICTURES = [
  { file: 'peers.png', view: '#/peers?quick=1', width: 1100, height: 900, scheme: 'light' },
  { file: 'trends-dark.png', view: '#/trends?quick=1', width: 1100, height: 900, scheme: 'dark' },
  { file: 'here-phone.png', view: '#/here', width: 390, height: 800, scheme: 'light' },
] as const;

await using servers = await serveApp();
for (const { file, view, width, height, scheme } of PICTURES) {
  await using open = await openFreshPage(`${servers.isolated}${view}`, []);
  await open.page.emulateMedia({ colorScheme: scheme });
  await open.page.setViewportSize({ width, height });
  await open.page.reload();
  await open.page.locator('h2').waitFor();
  await open.page.waitForLoadState('networkidle');
  await open.page.screenshot({ path: fileURLToPath(new URL(`../screenshots/${file}`, import.meta.url)) });
}

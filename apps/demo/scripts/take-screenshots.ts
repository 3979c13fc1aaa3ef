// Takes the pictures of the README from the built app, with the sample collection and the household
// fixtures in it. Run it after a build: `pnpm --filter @burrow/demo screenshots`.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { preview } from 'vite';
import { launchOptions } from '../../../scripts/chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../screenshots/', import.meta.url));
const household = fileURLToPath(new URL('../test/fixtures/household', import.meta.url));

interface View {
  name: string;
  width: number;
  height: number;
  scale: number;
  phone: boolean;
  scheme: 'light' | 'dark';
}

const VIEWS: View[] = (['light', 'dark'] as const).flatMap((scheme) => [
  { name: `desktop-${scheme}`, width: 1280, height: 800, scale: 1, phone: false, scheme },
  { name: `phone-${scheme}`, width: 390, height: 780, scale: 1.5, phone: true, scheme },
]);

/** Those that are kept; the others would show the same in another shade. */
const PICTURES = new Set([
  'welcome-desktop-light',
  'welcome-phone-dark',
  'results-desktop-light',
  'results-desktop-dark',
  'results-phone-light',
  'document-phone-dark',
  'settings-desktop-dark',
]);

await mkdir(folder, { recursive: true });
const server = await preview({
  root,
  configFile: `${root}/vite.config.ts`,
  preview: { port: 4199, strictPort: true },
});
const browser = await chromium.launch(launchOptions());
for (const view of VIEWS) await takeView(browser, view);
await browser.close();
await server.close();
process.exit(0);

async function takeView(browser: Browser, view: View): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    deviceScaleFactor: view.scale,
    isMobile: view.phone,
    hasTouch: view.phone,
    colorScheme: view.scheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const shot = async (state: string): Promise<void> => {
    const name = `${state}-${view.name}`;
    if (PICTURES.has(name)) await page.screenshot({ path: `${folder}${name}.png` });
  };
  await page.goto('http://localhost:4199/');
  await page.locator('.welcome').waitFor();
  await page.locator('[data-status="model"]', { hasText: 'on the CPU' }).waitFor();
  await shot('welcome');
  await page.getByRole('button', { name: 'Try the sample collection' }).click();
  await imported(page);
  await page.locator('[data-picker="folder"]').first().setInputFiles(household);
  await imported(page);
  await search(page, 'repair a flat bicycle tyre');
  if (view.phone) await shot('results');
  await page.locator('.result-title').first().click();
  await page.locator('.passage').waitFor();
  if (view.phone) await shot('document');
  else {
    await page.locator('.sides').first().click();
    await page.mouse.move(0, 0);
    await shot('results');
    await page.getByRole('button', { name: 'Settings' }).click();
    await shot('settings');
  }
  await context.close();
}

async function imported(page: Page): Promise<void> {
  await page.locator('.import-panel[data-phase="done"]').waitFor({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Close', exact: true }).click();
}

async function search(page: Page, query: string): Promise<void> {
  await page.getByLabel('Search your documents').fill(query);
  await page.locator(`.results[data-answered="${query}"]`).waitFor();
}

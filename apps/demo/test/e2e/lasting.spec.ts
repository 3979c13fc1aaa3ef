import { PARAPHRASES } from '../paraphrases.ts';
import { App, expect, test } from './app.ts';

test('everything is still there after a reload', async ({ app, page }) => {
  await app.open();
  await app.addFolder('household');
  const before = await app.documents();
  await page.reload();
  await app.ready();
  expect(await app.documents()).toBe(before);
  await app.modelReady();
  await app.search('bake a loaf of sourdough');
  expect((await app.sources())[0]).toBe('household/sourdough.txt');
  // The vectors are there too.
  await expect(app.results.first().locator('.sides')).toHaveText(/meaning\s*matches (?:strongly|clearly)/);
});

test('works offline after the first visit, and never asks another origin for anything', async ({
  app,
  page,
  context,
  baseURL,
}) => {
  const foreign: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(baseURL ?? '')) foreign.push(request.url());
  });
  await app.open();
  await app.addFolder('household');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  await page.reload();
  await app.ready();
  await expect(page.locator('[data-status="network"]')).toContainText('Offline');
  await app.modelReady();
  const { query, source } = PARAPHRASES[0] ?? { query: '', source: '' };
  await app.search(query);
  expect((await app.sources()).slice(0, 3)).toContain(source);
  await app.results.first().locator('.result-title').click();
  await expect(page.locator('.reader-text')).not.toBeEmpty();
  // Every format comes in offline too: the readers are part of what is kept.
  await app.addFolder('household');
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  expect(foreign).toEqual([]);
});

test('a second tab searches the same index and sees what the first one adds', async ({ app, context }) => {
  await app.open();
  await app.addFiles('household/sourdough.txt');
  const second = new App(await context.newPage());
  await second.open();
  expect(await second.documents()).toBe(1);
  await app.addFiles('household/tax-return.txt');
  await expect(second.page.locator('[data-status="documents"]')).toContainText('2 documents');
  await second.search('receipts for ten years');
  expect((await second.sources())[0]).toBe('tax-return.txt');
  await second.addFiles('household/guitar-strings.txt');
  await expect(app.page.locator('[data-status="documents"]')).toContainText('3 documents');
  await app.page.close();
  await second.search('changing guitar strings');
  expect((await second.sources())[0]).toBe('guitar-strings.txt');
});

test('the model can be changed: the index moves over, and back', async ({ app, page }) => {
  await app.open();
  await app.addFolder('household');
  await app.modelReady();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: /Universal Sentence Encoder/ }).check();
  await expect(page.locator('[data-status="model"]')).toContainText(
    'Universal Sentence Encoder lite on the CPU',
    { timeout: 60_000 },
  );
  await expect(page.locator('.candidates [data-outcome="chosen"]')).toContainText(
    /Own kernels|ONNX Runtime on the CPU/,
  );
  // SwiftShader is a software adapter: never chosen by itself, and the report says so.
  await expect(page.locator('.candidates')).toContainText('on the GPU');
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-status="move"]')).toHaveCount(0, { timeout: 60_000 });
  await app.search('bake a loaf of sourdough');
  await expect(app.results.first().locator('.sides')).toHaveText(/meaning\s*matches (?:strongly|clearly)/);
  expect((await app.sources())[0]).toBe('household/sourdough.txt');
  await page.reload();
  await app.ready();
  await expect(page.locator('[data-status="model"]')).toContainText(
    'Universal Sentence Encoder lite on the CPU',
    { timeout: 60_000 },
  );
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: /Static English/ }).check();
  await expect(page.locator('[data-status="model"]')).toContainText('Static English');
});

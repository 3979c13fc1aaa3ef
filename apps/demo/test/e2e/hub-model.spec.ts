import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import { asset, missingAsset } from '../../../../scripts/test-assets.mjs';
import { expect, test } from './app.ts';

const FOLDER = asset('models', 'all-MiniLM-L6-v2');

/** Answers at the hub's own addresses with real files. Gives what was asked for. */
async function standInForHub(context: BrowserContext, folder: string): Promise<string[]> {
  const requests: string[] = [];
  const headers = { 'Access-Control-Allow-Origin': '*' };
  await context.route(/^https:\/\//, async (route) => {
    const url = new URL(route.request().url());
    requests.push(`${url.hostname}${url.pathname}`);
    const file = /\/resolve\/[^/]+\/(.+)$/.exec(url.pathname)?.[1];
    const body = file && (await readFile(`${folder}/${file}`).catch(() => undefined));
    return body ? route.fulfill({ body, headers }) : route.fulfill({ status: 404, headers });
  });
  return requests;
}

test('a model from the hub is fetched when it is chosen, and needs no network afterwards', async ({
  app,
  page,
  context,
}) => {
  test.slow();
  test.skip(FOLDER === undefined, missingAsset('models', 'all-MiniLM-L6-v2'));
  const requests = await standInForHub(context, FOLDER as string);
  await app.open();
  await app.addFolder('household');
  await app.modelReady();
  expect(requests).toEqual([]);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: /^MiniLM/ }).check();
  await expect(page.locator('[data-status="model"]')).toContainText('MiniLM on the CPU', { timeout: 80_000 });
  const hosts = [...new Set(requests.map((request) => request.slice(0, request.indexOf('/'))))];
  expect(hosts).toEqual(['huggingface.co']);
  await expect(page.locator('[data-model="all-MiniLM-L6-v2"]')).toContainText('24 MB on this device');
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-status="move"]')).toHaveCount(0, { timeout: 60_000 });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  const asked = requests.length;
  await context.setOffline(true);
  await page.reload();
  await app.ready();
  await expect(page.locator('[data-status="model"]')).toContainText('MiniLM on the CPU', { timeout: 60_000 });
  await app.search('how long do I have to keep receipts');
  expect((await app.sources()).slice(0, 3)).toContain('household/tax-return.txt');
  expect(requests).toHaveLength(asked);
});

/** Names of the files of models that this origin keeps. */
function keptFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('burrow-models/default');
      opening.addEventListener('success', () => resolve(opening.result));
      opening.addEventListener('error', () => reject(opening.error as DOMException));
    });
    const asking = database.transaction('entries').objectStore('entries').getAllKeys();
    await new Promise((resolve) => asking.addEventListener('success', resolve));
    database.close();
    return asking.result.map((key) => String(key).replace(/^[^@]+@[^/]+\//, ''));
  });
}

test('a download that was cancelled does not pass for a model that is there, and can be removed', async ({
  app,
  page,
  context,
}) => {
  test.skip(FOLDER === undefined, missingAsset('models', 'all-MiniLM-L6-v2'));
  await standInForHub(context, FOLDER as string);
  const weights = new Promise<void>((asked) =>
    // Never answered.
    context.route(/model_quantized\.onnx$/, () => asked()),
  );
  await app.open();
  await app.modelReady();
  await page.getByRole('button', { name: 'Settings' }).click();
  const choice = page.locator('.choice-box', { has: page.locator('[data-model="all-MiniLM-L6-v2"]') });
  await page.getByRole('radio', { name: /^MiniLM/ }).click();
  await weights;
  await expect.poll(() => keptFiles(page)).toContain('tokenizer.json');
  await choice.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('radio', { name: /Static English/ })).toBeChecked();
  await expect(choice).toContainText(/of 24 MB fetched, the rest to download from huggingface\.co/);
  await expect(choice).not.toContainText('on this device');
  await choice.getByRole('button', { name: 'Remove what was fetched of MiniLM' }).click();
  await expect(choice).toContainText('24 MB to download from huggingface.co');
  expect(await keptFiles(page)).toEqual([]);
});

test('a model that cannot be fetched leaves the one before it at work, and says why', async ({
  app,
  page,
  context,
}) => {
  await context.route(/^https:\/\//, (route) => route.abort('internetdisconnected'));
  await app.open();
  await app.addFiles('household/sourdough.txt');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: /^MiniLM/ }).click();
  await expect(page.getByRole('alert')).toContainText('The model before it stays', { timeout: 60_000 });
  await expect(page.getByRole('radio', { name: /Static English/ })).toBeChecked();
  await page.keyboard.press('Escape');
  await app.search('bake a loaf of sourdough');
  expect(await app.sources()).toEqual(['sourdough.txt']);
});

test('the page with the documents may speak to no other origin', async ({ page, context }) => {
  const asked: string[] = [];
  await context.route(/^https:\/\//, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ body: '{}', headers: { 'Access-Control-Allow-Origin': '*' } });
  });
  await page.goto('./');
  const refused = await page.evaluate(() => {
    const violation = new Promise<string>((resolve) =>
      addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
        once: true,
      }),
    );
    return fetch('https://huggingface.co/api/whoami').then(
      () => 'allowed',
      () => violation,
    );
  });
  expect(refused).toBe('connect-src');
  expect(asked).toEqual([]);
});

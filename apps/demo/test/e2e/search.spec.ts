import { readFile } from 'node:fs/promises';
import { PARAPHRASES } from '../paraphrases.ts';
import { importFiles } from '../../src/import/import-files.ts';
import { fixtures } from '../fixtures.ts';
import { expect, test } from './app.ts';

const STOP_WORDS = new Set(
  'a an and at because best by can for from get getting going has how i in is man me my new of on out that the to up when with your full better keeps'.split(
    ' ',
  ),
);

/** Words that say something, cut to their first five letters as a coarse stem. */
function contentStems(text: string): Set<string> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map((word) => word.slice(0, 5)));
}

test('paraphrases share no content word with their documents', async () => {
  const texts = new Map<string, string>();
  for await (const { documents } of importFiles(await fixtures('household'))) {
    for (const { source, title, text } of documents)
      texts.set(source, `${texts.get(source) ?? ''} ${title} ${text}`);
  }
  expect(PARAPHRASES.length).toBeGreaterThanOrEqual(10);
  for (const { query, source } of PARAPHRASES) {
    const stems = contentStems(texts.get(source) ?? '');
    const shared = [...contentStems(query)].filter((stem) => stems.has(stem));
    expect(shared, `${query} and ${source}`).toEqual([]);
  }
});

test('finds by meaning what shares no word with the question', async ({ app }) => {
  await app.open();
  await app.addFolder('household');
  await app.modelReady();
  const missed: string[] = [];
  for (const { query, source } of PARAPHRASES) {
    await app.search(query);
    if (!(await app.sources()).slice(0, 3).includes(source)) missed.push(query);
  }
  test.info().annotations.push({
    type: 'paraphrases',
    description: `${PARAPHRASES.length - missed.length} of ${PARAPHRASES.length} in the first three`,
  });
  expect(missed.length, `not in the first three: ${missed.join('; ')}`).toBeLessThanOrEqual(
    Math.floor(PARAPHRASES.length / 3),
  );
});

test('keyboard: from the box to a result, into the document, and back', async ({ app, page }) => {
  await app.open();
  await app.addFolder('household');
  const box = page.getByLabel('Search your documents');
  await page.locator('body').press('Control+k');
  await expect(box).toBeFocused();
  await app.search('flour water starter');
  await box.press('ArrowDown');
  const titles = page.locator('.result-title');
  await expect(titles.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(titles.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.locator('.reader-names h2')).toHaveText('sourdough');
  await expect(page.locator('.passage')).toBeInViewport();
  await expect(page.locator('.passage mark').first()).toBeVisible();
  await expect(page.locator('.reader-scroll')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(titles.first()).toBeFocused();
  await expect(page.locator('.reader-names')).toHaveCount(0);
  await page.keyboard.press('ArrowUp');
  await expect(box).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(box).toHaveValue('');
  await expect(page.locator('.library-open').first()).toBeVisible();
  await titles.first().waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.library-open').first()).toBeFocused();
  await page.keyboard.press('/');
  await expect(box).toBeFocused();
});

test('filters narrow the results and no hits come with a way out', async ({ app, page }) => {
  await app.open();
  await app.addFolder('household');
  await app.search('garden water');
  await page
    .getByRole('checkbox', { name: /^pdf/ })
    .or(page.getByRole('checkbox', { name: /^markdown/ }))
    .first()
    .check();
  await expect(page.locator('.results')).toHaveAttribute('aria-busy', 'false');
  await expect.poll(async () => new Set(await page.locator('.result-type').allTextContents()).size).toBe(1);
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect
    .poll(async () => new Set(await page.locator('.result-type').allTextContents()).size)
    .toBeGreaterThan(1);
});

test('each result says which side found it, and why', async ({ app }) => {
  await app.open();
  await app.addFolder('household');
  await app.modelReady();
  await app.search('yoghurt starter');
  const first = app.results.first();
  await first.getByRole('button', { name: /words match strongly, meaning matches/ }).click();
  await expect(first.locator('.why')).toContainText('“yoghurt”');
  await expect(first.locator('.why')).toContainText('By words alone it would be first.');
  await expect(first.locator('.why')).toContainText(/similar to the query/);
});

test('a document can be removed, and the removal undone', async ({ app, page }) => {
  await app.open();
  await app.addFiles('household/sourdough.txt', 'household/tax-return.txt');
  await page.getByRole('button', { name: 'Remove sourdough' }).click();
  await expect(page.locator('[data-status="documents"]')).toContainText('1 document,');
  await app.search('yoghurt starter');
  expect(await app.sources()).not.toContain('sourdough.txt');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('[data-status="documents"]')).toContainText('2 documents');
  await app.search('yoghurt starter dough');
  expect((await app.sources())[0]).toBe('sourdough.txt');
});

test('documents can be exported and everything removed', async ({ app, page }) => {
  await app.open();
  await app.addFiles('household/sourdough.txt', 'household/recipes.csv');
  await page.getByRole('button', { name: 'Settings' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export documents' }).click();
  const path = await (await download).path();
  const lines = (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; text: string });
  expect(lines).toHaveLength(5);
  expect(lines.find(({ id }) => id === 'sourdough.txt')?.text).toContain('yoghurt');
  await page.getByRole('button', { name: 'Remove everything…' }).click();
  await page.getByRole('button', { name: 'Really remove 5 documents' }).click();
  await expect(page.getByText('All documents were removed from this device.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Search your own documents');
});

import { readdirSync } from 'node:fs';
import { fixturePath } from '../fixtures.ts';
import { expect, test } from './app.ts';

test('a folder with every format comes in and is found by its words', async ({ app, page }) => {
  await app.open();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Search your own documents');
  await app.addFolder('household');
  await expect(page.locator('.import-outcome')).toContainText('Added 30 documents from household, 1 problem');
  await app.modelReady();
  const words: Record<string, string> = {
    'yoghurt starter': 'household/sourdough.txt',
    'consulate emergency document': 'household/passport-renewal.md',
    'inner tube bubbles': 'household/bicycle-puncture.html',
    'electricity meter cellar': 'household/electricity.pdf',
    'speech bride glass': 'household/wedding-speech.docx',
    'lentils vinegar': 'household/recipes.csv',
    'plumber sink burst': 'household/contacts.json',
    'sonata scales': 'household/journal.ndjson',
  };
  for (const [query, source] of Object.entries(words)) {
    await app.search(query);
    expect((await app.sources())[0], query).toBe(source);
  }
  await page.getByRole('button', { name: 'Show problems' }).click();
  await expect(page.locator('.import-failures li')).toHaveText([/journal\.ndjson: line 3 is not valid JSON/]);
});

test('hostile and broken files are named with what to do, and the others go on', async ({ app, page }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== 'localhost') foreign.push(request.url());
  });
  await app.open();
  await app.addFolder('hostile');
  const names = readdirSync(fixturePath('hostile'));
  await expect(page.locator('.import-outcome')).toContainText(
    `Added 1 document from hostile, ${names.length - 1} problems`,
  );
  await page.getByRole('button', { name: 'Show problems' }).click();
  for (const name of names.filter((name) => name !== 'scripts.html')) {
    await expect(page.locator('.import-failures')).toContainText(`hostile/${name}`);
  }
  for (const code of ['binary', 'encrypted', 'damaged', 'zip-bomb', 'no-text', 'unsupported']) {
    await expect(page.locator(`.import-failures [data-code="${code}"]`).first()).toBeVisible();
  }
  await app.search('harmless scripts');
  await app.results.first().locator('.result-title').click();
  await expect(page.locator('.reader-text')).toContainText('scripts stays <script>');
  expect(await page.evaluate(() => 'burrowScriptRan' in globalThis)).toBe(false);
  expect(await page.locator('.reader :is(script, iframe, img, svg:not(.icon))').count()).toBe(0);
  expect(foreign).toEqual([]);
});

test('files can be dropped anywhere', async ({ app, page }) => {
  await app.open();
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['The lighthouse keeper winds the clock at dusk.'], 'lighthouse.txt'));
    return data;
  });
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop to add.')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await app.importDone();
  await app.search('lighthouse');
  expect(await app.sources()).toEqual(['lighthouse.txt']);
});

test('importing again replaces instead of doubling', async ({ app }) => {
  await app.open();
  await app.addFiles('household/sourdough.txt', 'household/recipes.csv');
  expect(await app.documents()).toBe(5);
  await app.addFiles('household/sourdough.txt', 'household/recipes.csv');
  expect(await app.documents()).toBe(5);
});

test('an import can be cancelled and resumed, and nothing is lost or doubled', async ({ app, page }) => {
  const rows = 6000;
  const table = `title,text\n${Array.from({ length: rows }, (_, row) => `Note ${row},"The ${row}th note speaks of a pond, a heron and the weather of day ${row}."`).join('\n')}\n`;
  const files = ['a', 'b', 'c'].map((name) => ({
    name: `${name}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  }));
  await app.open();
  await page.locator('[data-picker="files"]').first().setInputFiles(files);
  await expect(page.locator('.import-figures')).toContainText('a second');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('.import-panel')).toHaveAttribute('data-phase', 'cancelled');
  const before = await app.documents();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(3 * rows);
  await page.getByRole('button', { name: 'Resume' }).click();
  await app.importDone();
  await expect(page.locator('[data-status="documents"]')).toContainText('18,000 documents');
});

test('the page stays responsive while it imports the samples', async ({ app, page }) => {
  await page.addInitScript(() => {
    const long: number[] = [];
    Object.assign(globalThis, { longTasks: long });
    new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe(
      { type: 'longtask' },
    );
  });
  await app.open();
  await page.getByRole('button', { name: 'Try the sample collection' }).click();
  await app.importDone();
  expect(await app.documents()).toBeGreaterThanOrEqual(100);
  await app.search('parse command line arguments');
  expect(await app.results.count()).toBeGreaterThan(3);
  const licences = /MIT|ISC|Apache-2\.0|BSD|BlueOak/;
  for (const source of await app.sources()) expect(source).toMatch(licences);
  const longest = Math.max(
    0,
    ...(await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks)),
  );
  // Told, not asserted: times belong to the bench, where they are compared within one run.
  test.info().annotations.push({ type: 'longest task in ms', description: String(longest) });
});

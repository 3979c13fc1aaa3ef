import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';

const VIEWS = [
  { name: 'desktop, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'desktop, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

async function expectNoViolations(page: Page, state: string): Promise<void> {
  // Moving parts have no contrast to measure: all of them rest before axe looks.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished),
    ),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${state}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
  expect(found).toEqual([]);
}

for (const { name, viewport, colorScheme } of VIEWS) {
  test.describe(name, () => {
    test.use({ viewport, colorScheme });

    test('axe finds nothing in any state', async ({ app, page }) => {
      await app.open();
      await expectNoViolations(page, 'empty');
      await app.addFolder('hostile');
      await page.getByRole('button', { name: 'Show problems' }).click();
      await expectNoViolations(page, 'problems');
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      await app.addFolder('household');
      await expectNoViolations(page, 'library');
      await page.getByRole('button', { name: /^Add/ }).click();
      await expectNoViolations(page, 'menu');
      await page.keyboard.press('Escape');
      await app.search('flour and water');
      await app.results.first().locator('.sides').click();
      await expectNoViolations(page, 'results');
      await page.getByRole('button', { name: 'Filters' }).click();
      await expectNoViolations(page, 'filters');
      await app.results.first().locator('.result-title').click();
      await expect(page.locator('.reader-text')).toBeVisible();
      await expectNoViolations(page, 'document');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings' }).click();
      await expectNoViolations(page, 'settings');
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    });
  });
}

test('without motion where reduced motion is asked for', async ({ app, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await app.open();
  await app.addFiles('household/sourdough.txt');
  await app.search('flour');
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

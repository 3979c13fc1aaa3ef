import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { fixturePath } from '../fixtures.ts';

/** What a person does in the app. */
export class App {
  constructor(readonly page: Page) {}

  /** Opens the app and waits until its index is open. */
  async open(): Promise<void> {
    await this.page.goto('./');
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator('[data-status="documents"]')).toBeVisible();
  }

  /** Waits until the model answers, so that meaning is searched too. */
  async modelReady(): Promise<void> {
    await expect(this.page.locator('[data-status="model"]')).not.toHaveText(/loading|could not/);
  }

  /** Adds the files of a fixture folder and waits for the end. */
  async addFolder(name: string): Promise<void> {
    await this.page.locator('[data-picker="folder"]').first().setInputFiles(fixturePath(name));
    await this.importDone();
  }

  async addFiles(...names: string[]): Promise<void> {
    await this.page.locator('[data-picker="files"]').first().setInputFiles(names.map(fixturePath));
    await this.importDone();
  }

  async importDone(): Promise<void> {
    const panel = this.page.locator('.import-panel');
    await expect(panel).toHaveAttribute('data-phase', /done|failed/, { timeout: 60_000 });
    await expect(panel, await panel.innerText()).toHaveAttribute('data-phase', 'done', { timeout: 1 });
  }

  /** Types a query and waits for the final hits, by words and meaning. */
  async search(query: string): Promise<void> {
    await this.page.getByLabel('Search your documents').fill(query);
    await expect(this.page.locator('.results')).toHaveAttribute('data-answered', query);
    await expect(this.page.locator('.results')).toHaveAttribute('aria-busy', 'false');
  }

  get results(): Locator {
    return this.page.locator('.result');
  }

  /** Where the results come from, best first. */
  async sources(): Promise<string[]> {
    return this.page.locator('.result .result-path').allTextContents();
  }

  async documents(): Promise<number> {
    const text = await this.page.locator('[data-status="documents"]').textContent();
    return Number(/[\d,]+/.exec(text ?? '')?.[0].replaceAll(',', ''));
  }
}

export const test = base.extend<{ app: App }>({
  app: async ({ page }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      // A violation of the content security policy is only ever told on the console.
      if (/Content Security Policy|TrustedScript|TrustedHTML/.test(message.text()))
        problems.push(message.text());
    });
    await use(new App(page));
    expect(problems).toEqual([]);
  },
});

export { expect };

// A backup goes from one origin to another in a real Chromium; nothing but the file is shared.
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { launchOptions } from '../../../scripts/chromium.mjs';
import { serve } from '../scripts/torture/server.ts';
import type { api as Api } from './other-origin/page.ts';

declare const api: typeof Api;

const servers: Server[] = [];
let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burrow-origins-'));
  await build({
    root: fileURLToPath(new URL('./other-origin/', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, target: 'es2023', assetsInlineLimit: 0 },
  });
  browser = await chromium.launch(launchOptions());
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page of a port of its own, all in one profile. */
async function pages(): Promise<Page[]> {
  const context = await browser.newContext();
  return Promise.all(
    [1, 2].map(async () => {
      const { server, origin } = await serve(folder, async () => undefined);
      servers.push(server);
      const page = await context.newPage();
      await page.goto(origin);
      await page.waitForFunction(() => 'api' in globalThis);
      return page;
    }),
  );
}

it(
  'a backup is taken in on another origin, with everything that was in it',
  { timeout: 120_000 },
  async () => {
    const documents = [
      {
        id: 'bread',
        title: 'Bread',
        format: 'markdown' as const,
        text: '# Dough\n\nLet it rest over night.',
      },
      { id: 'odd', text: 'A lone surrogate \ud83d in a chat log, and 日本語.', tags: ['a', 'b'] },
      ...Array.from({ length: 120 }, (_, i) => ({ id: `n${i}`, text: `Note ${i} on rivers and mills.` })),
    ];
    const [first, second] = (await pages()) as [Page, Page];
    expect(new URL(first.url()).origin).not.toBe(new URL(second.url()).origin);
    await first.evaluate((list) => api.fill(list), documents);
    const [backup, before] = await first.evaluate(
      async () => [await api.backup(), await api.stats()] as const,
    );

    expect(await second.evaluate(() => api.stats())).toMatchObject({ documents: 0, chunks: 0 });
    const written = await second.evaluate((file) => api.restore(file), backup);
    expect(written.toSorted()).toEqual(documents.map(({ id }) => id).toSorted());

    // It stays, and is found by words and by meaning.
    await second.reload();
    await second.waitForFunction(() => 'api' in globalThis);
    const { chunks, space } = before;
    expect(await second.evaluate(() => api.stats())).toMatchObject({
      documents: documents.length,
      chunks,
      space,
    });
    for (const document of documents.slice(0, 3))
      expect(await second.evaluate((id) => api.get(id), document.id)).toEqual(document);
    await vi.waitFor(
      async () => expect((await second.evaluate(() => api.stats())).model.state).toBe('ready'),
      20_000,
    );
    const ask = (page: Page) => page.evaluate(() => api.query('how long must dough rest'));
    const [here, there] = [await ask(second), await ask(first)];
    expect(here.mode).toBe('hybrid');
    expect(here.hits.map(({ id, score }) => [id, score])).toEqual(
      there.hits.map(({ id, score }) => [id, score]),
    );
    expect(here.hits[0]!.id).toBe('bread');
  },
);

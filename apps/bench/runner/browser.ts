import '../src/harness/bench-page.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { launchOptions, SOFTWARE_WEBGPU_ARGS } from '../../../scripts/chromium.mjs';

const HARDWARE_WEBGPU_ARGS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];

export interface OpenPage extends AsyncDisposable {
  page: Page;
  browserVersion: string;
  /** Folder of the browser's profile, which nobody else uses. */
  profile: string;
}

/** Opens a page in a browser process of its own with a profile that nobody used before; both go when it is disposed. */
export async function openFreshPage(address: string, args: string[]): Promise<OpenPage> {
  const profile = await mkdtemp(join(tmpdir(), 'burrow-bench-'));
  const context = await chromium.launchPersistentContext(profile, { headless: true, ...launchOptions(args) });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(address);
  return {
    page,
    profile,
    browserVersion: context.browser()?.version() ?? '',
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Flags that give pages a WebGPU adapter: a real one where there is one, else the software one. */
export async function findGpuFlags(address: string): Promise<string[]> {
  await using open = await openFreshPage(address, HARDWARE_WEBGPU_ARGS);
  const { gpu } = await open.page.evaluate(() => benchPage.environment());
  return gpu && !gpu.software ? HARDWARE_WEBGPU_ARGS : SOFTWARE_WEBGPU_ARGS;
}

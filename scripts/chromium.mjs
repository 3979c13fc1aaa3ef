// Where Chromium is and how it is started: shared by vitest, Playwright and the bench runner.
import { existsSync } from 'node:fs';

const DEBIAN_PATH = '/usr/bin/chromium';

/** The Chromium to drive: CHROMIUM_PATH, else Debian's, else undefined (Playwright's own). */
export function chromiumPath() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return chosen;
  return existsSync(DEBIAN_PATH) ? DEBIAN_PATH : undefined;
}

/** Flags for headless runs, also as root and without a network. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WebGPU on the CPU: slow, but correct. Burrow never chooses such an adapter by itself. */
export const SOFTWARE_WEBGPU_ARGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** Launch options of Playwright's chromium. */
export function launchOptions(extra = []) {
  const executablePath = chromiumPath();
  return { ...(executablePath ? { executablePath } : {}), args: [...CHROMIUM_ARGS, ...extra] };
}

/** Headers that isolate a page (SharedArrayBuffer, threads). */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

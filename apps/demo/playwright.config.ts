import { defineConfig } from '@playwright/test';
import { launchOptions, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';

const port = 4191;

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: '../../.test-results/e2e',
  // One at a time: each test has the machine to itself, as a person's browser has.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list'], ['../../scripts/playwright-reporter.ts']],
  use: {
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1280, height: 800 },
    launchOptions: launchOptions(SOFTWARE_WEBGPU_ARGS),
    trace: 'off',
  },
  webServer: {
    command: `node_modules/.bin/vite preview --port ${port} --strictPort`,
    cwd: import.meta.dirname,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    stdout: 'ignore',
  },
});

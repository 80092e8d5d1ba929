import { defineConfig } from '@playwright/test';
import { browserArguments, findBrowser, hasBrowserSandbox } from './tests/browser.ts';

const browser = await findBrowser();

export default defineConfig({
  testDir: './tests/end-to-end',
  tsconfig: './tests/playwright.tsconfig.json',
  outputDir: './test-results',
  testMatch: '**/*.test.ts',
  forbidOnly: true,
  fullyParallel: false,
  workers: 2,
  // When a wait is given up, on a machine however slow or busy: no assertion of speed.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  // Where nothing works, each test would wait as long.
  maxFailures: 10,
  globalTimeout: 2_700_000,
  reporter: [['list']],
  use: {
    headless: true,
    // Recording what nobody looks at made the suite four times slower; `--trace retain-on-failure` for whoever does.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: browser.executablePath,
      args: [...browserArguments],
      chromiumSandbox: hasBrowserSandbox,
      env: { ...process.env, ...browser.env } as Record<string, string>,
    },
  },
  projects: [
    { name: 'loopback', testIgnore: '**/electron/**' },
    { name: 'electron', testMatch: '**/electron/**/*.test.ts' },
  ],
});

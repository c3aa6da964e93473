import { defineConfig } from 'vitest/config';

/** What holds for every test, wherever it runs. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    // Much of what a test does is waiting for a database, a broker or another process.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from 'vitest/config';

/** What holds for every test, wherever it runs. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

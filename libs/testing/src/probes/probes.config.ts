import { defineConfig } from 'vitest/config';

/** A run of the tests in this folder, which a spec starts as a process of its own. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    globalSetup: ['libs/testing/src/global-setup.ts'],
    include: ['libs/testing/src/probes/{leaving,hanging}.ts'],
  },
});

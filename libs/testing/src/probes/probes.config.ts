import { defineConfig } from 'vitest/config';

/** The configuration for the tests in this folder, which run-folder.spec.ts runs in a process of its own. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    globalSetup: ['libs/testing/src/global-setup.ts'],
    include: ['libs/testing/src/probes/{leaving,hanging}.ts'],
  },
});

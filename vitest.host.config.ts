import { mergeConfig } from 'vitest/config';

import base from './vitest.settings.ts';

const config = mergeConfig(base, {
  test: {
    globalSetup: ['libs/testing/src/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
config.test.include = ['{apps,libs,tools}/**/*.host.spec.ts'];
config.test.exclude = ['**/node_modules/**'];

export default config;

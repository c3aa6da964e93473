import { mergeConfig } from 'vitest/config';

import base from './vitest.settings.ts';

const config = mergeConfig(base, {
  test: {
    globalSetup: ['libs/testing/src/global-setup.ts'],
    testTimeout: 240_000,
    hookTimeout: 180_000,
  },
});
config.test.include = ['{apps,libs,tools}/**/*.long.spec.ts'];
config.test.exclude = ['**/node_modules/**'];

export default config;

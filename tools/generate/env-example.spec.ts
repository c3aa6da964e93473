import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';

import { readPlatformSettings } from '@casewire/standalone';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { envExample } from './env-example.ts';
import {
  serviceConfigs,
  variables,
  VariableUndescribed,
  type ServiceConfigs,
} from './variables.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const generated = (configs: ServiceConfigs, page = read('docs/configuration.md')) =>
  envExample(variables(configs, page), Object.keys(configs).length);

test('.env.example is what npm run generate writes from the configuration schemas', () => {
  expect(read('.env.example')).toBe(generated(serviceConfigs));
});

const withCases = (change: z.ZodObject): ServiceConfigs => ({ ...serviceConfigs, cases: change });
const { cases } = serviceConfigs as { cases: z.ZodObject };

test.each<[string, ServiceConfigs, string]>([
  [
    'a variable that a service gains',
    withCases(cases.extend({ CASES_LIMIT: z.string().describe('cases at once') })),
    '# cases at once\n# cases: required\nCASES_LIMIT=\n',
  ],
  [
    'another default',
    withCases(cases.extend({ CASES_PORT: z.coerce.number().default(3009) })),
    '# cases: default 3009\n#CASES_PORT=3009\n',
  ],
  [
    'a variable that becomes optional',
    withCases(cases.extend({ CASES_DATABASE_URL: z.string().optional() })),
    '# cases: optional\n#CASES_DATABASE_URL=\n',
  ],
])('%s makes .env.example stale', (_, configs, block) => {
  expect(generated(configs)).toContain(block);
  expect(read('.env.example')).not.toContain(block);
});

test('another description makes .env.example stale', () => {
  const page = `${read('docs/configuration.md')}\n| \`SEALING_KEY\` | cases | seals secrets |\n`;
  expect(generated(serviceConfigs, page)).toContain('# seals secrets\n');
  expect(read('.env.example')).not.toContain('# seals secrets\n');
});

test('a variable without a description is refused by its name', () => {
  const configs = withCases(cases.extend({ CASES_LIMIT: z.string() }));
  expect(() => generated(configs)).toThrow(new VariableUndescribed('CASES_LIMIT'));
});

test('copied as it is, it leaves the platform on one machine at its defaults', () => {
  expect(readPlatformSettings(parseEnv(read('.env.example')))).toEqual(readPlatformSettings({}));
});

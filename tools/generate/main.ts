import 'reflect-metadata';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { startPlatform } from '@casewire/standalone';

import { apiDocumentNames, readApiDocument } from './api-documents.ts';
import { envExample } from './env-example.ts';
import { serviceConfigs, variables } from './variables.ts';

const root = resolve(import.meta.dirname, '../..');
const write = (file: string, text: string) => {
  writeFileSync(join(root, file), text);
  process.stdout.write(`${file}\n`);
};

const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
write(
  '.env.example',
  envExample(variables(serviceConfigs, page), Object.keys(serviceConfigs).length),
);

const directory = mkdtempSync(join(tmpdir(), 'casewire-generate-'));
const platform = await startPlatform({ directory, stages: [], env: { LOG_LEVEL: 'error' } });
try {
  mkdirSync(join(root, 'docs/api'), { recursive: true });
  for (const name of apiDocumentNames)
    write(`docs/api/${name}`, await readApiDocument(platform.url, name));
} finally {
  await platform.destroy();
}
process.exit(0);

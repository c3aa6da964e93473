import { readFile } from 'node:fs/promises';

import { TemplateFile } from '@casewire/contracts';
import { ConfigInvalid } from '@casewire/service';

import defaultTemplates from './default-templates.json' with { type: 'json' };
import { PlatformTemplates } from './platform-templates.ts';

/**
 * Reads the platform's templates of orders.
 * @param file a JSON file; undefined: the templates of this version
 * @throws ConfigInvalid that names the file, each field and its rule
 */
export async function readTemplates(file?: string): Promise<PlatformTemplates> {
  if (file === undefined)
    return new PlatformTemplates(TemplateFile.parse(defaultTemplates).templates);
  const parsed = TemplateFile.safeParse(await readJson(file));
  if (parsed.success) return new PlatformTemplates(parsed.data.templates);
  const faults = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || 'the file'}: ${message}`,
  );
  throw new ConfigInvalid(`the templates in ${file} are not usable:\n${faults.join('\n')}`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConfigInvalid(`the templates in ${file} cannot be read: ${(error as Error).message}`);
  }
}

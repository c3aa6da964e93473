import { readFile } from 'node:fs/promises';

import { ConfigInvalid } from '@casewire/service';

import defaultRules from './default-rules.json' with { type: 'json' };
import { RuleSet } from './rule-set.ts';

/**
 * Reads the rules by which documents are judged.
 * @param file a JSON file; undefined: the rules of this version
 * @throws ConfigInvalid that names the file, the field and its rule
 */
export async function readRuleSet(file?: string): Promise<RuleSet> {
  if (file === undefined) return RuleSet.parse(defaultRules);
  const parsed = RuleSet.safeParse(await readJson(file));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || 'the file'}: ${message}`,
  );
  throw new ConfigInvalid(`the rules in ${file} are not usable:\n${faults.join('\n')}`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConfigInvalid(`the rules in ${file} cannot be read: ${(error as Error).message}`);
  }
}

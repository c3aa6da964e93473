import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseApiKey } from '@casewire/auth';
import { OperatorClient } from '@casewire/client';
import { Scope } from '@casewire/contracts';
import { z } from 'zod';

import { writePrivateFile } from './private-file.ts';

const Account = z.object({ organizationId: z.uuid(), apiKey: z.string() });

/** The organization for development, and its sandbox key. */
export type DevelopmentAccount = z.infer<typeof Account>;

/**
 * The development account of a data folder: created at the first start, and reused at every later start. A key of an earlier
 * version, which has not every scope, gets a successor, and stays valid.
 * @param directory the data folder of the platform; the file of the account is readable by its owner only
 */
export async function developmentAccount(
  url: string,
  operatorKey: string,
  directory: string,
): Promise<DevelopmentAccount> {
  const file = join(directory, 'development-account.json');
  const operator = new OperatorClient(url, operatorKey);
  const stored = existsSync(file) ? Account.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
  if (stored && (await hasEveryScope(operator, stored))) return stored;
  const organizationId = stored?.organizationId ?? (await createOrganization(operator));
  const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
  const account = { organizationId, apiKey: key };
  writePrivateFile(file, JSON.stringify(account, null, 2));
  return account;
}

async function hasEveryScope(
  operator: OperatorClient,
  { organizationId, apiKey }: DevelopmentAccount,
): Promise<boolean> {
  const { scopes } = await operator.apiKey(organizationId, parseApiKey(apiKey)!.id);
  return Scope.options.every((scope) => scopes.includes(scope));
}

async function createOrganization(operator: OperatorClient): Promise<string> {
  const { id } = await operator.createOrganization({
    name: 'Development',
    egress: { allow: ['127.0.0.0/8', '::1/128', 'localhost'], plainHttp: true },
  });
  return id;
}

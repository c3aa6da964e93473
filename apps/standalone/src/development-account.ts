import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { OperatorClient } from '@casewire/client';
import { z } from 'zod';

import { writePrivateFile } from './private-file.ts';

const Account = z.object({ organizationId: z.uuid(), apiKey: z.string() });

/** The organization for development, and its sandbox key. */
export type DevelopmentAccount = z.infer<typeof Account>;

/**
 * The development account of a data folder: created at the first start, and reused at every later start.
 * @param directory the data folder of the platform; the file of the account is readable by its owner only
 */
export async function developmentAccount(
  url: string,
  operatorKey: string,
  directory: string,
): Promise<DevelopmentAccount> {
  const file = join(directory, 'development-account.json');
  if (existsSync(file)) return Account.parse(JSON.parse(readFileSync(file, 'utf8')));
  const operator = new OperatorClient(url, operatorKey);
  const { id } = await operator.createOrganization({
    name: 'Development',
    egress: { allow: ['127.0.0.0/8', '::1/128', 'localhost'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(id, { environment: 'sandbox' });
  const account = { organizationId: id, apiKey: key };
  writePrivateFile(file, JSON.stringify(account, null, 2));
  return account;
}

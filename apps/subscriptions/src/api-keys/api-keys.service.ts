import { apiKeyHmac, mintApiKey } from '@casewire/auth';
import type { CreateApiKey, CreatedApiKey } from '@casewire/contracts';
import { fingerprint, notFound } from '@casewire/service';

import { holdOrganization } from '../organizations/organizations.service.ts';
import { apiKeys, type Registry } from '../publication/registry.ts';

/** As keys are minted: nothing else is looked up, which may be no text to PostgreSQL. */
const keyId = /^[0-9a-f]{18}$/;

export class ApiKeysService {
  constructor(
    private readonly registry: Registry,
    private readonly pepper: Uint8Array,
    private readonly now: () => Date,
  ) {}

  /** A new key: shown in this answer, and never again. When it is given every service can know it. */
  create(
    organizationId: string,
    command: CreateApiKey,
    key: string | undefined,
  ): Promise<CreatedApiKey> {
    const print = fingerprint('POST api-keys', organizationId, JSON.stringify(command));
    return this.registry.changeOnce(
      { owner: 'operator', key, fingerprint: print },
      async (client) => {
        await holdOrganization(client, organizationId);
        const minted = mintApiKey(command.environment);
        const about = {
          id: minted.id,
          organizationId,
          ...command,
          createdAt: this.now().toISOString(),
        };
        await apiKeys.create(client, minted.id, {
          ...about,
          hmac: apiKeyHmac(minted.secret, this.pepper),
        });
        return { ...about, key: minted.key };
      },
    );
  }

  async revoke(organizationId: string, id: string): Promise<void> {
    if (!keyId.test(id)) throw notFound('API key');
    await this.registry.change(async (client) => {
      const found = await apiKeys.hold(client, id);
      if (found?.organizationId !== organizationId) throw notFound('API key');
      await apiKeys.remove(client, id);
    });
  }
}

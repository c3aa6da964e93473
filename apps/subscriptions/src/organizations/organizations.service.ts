import { randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import {
  callbackSecretContext,
  type ChangeOrganization,
  type CreateOrganization,
  type Organization,
  type OrganizationView,
  type SigningSecretShown,
} from '@casewire/contracts';
import { checkCallableUrl, fingerprint, notFound, pageOf } from '@casewire/service';
import { encodeSecret } from '@casewire/webhooks';
import type { Pool, PoolClient } from 'pg';

import type { Catalog } from '../endpoints/catalog.ts';
import { newSecret, rotateSecret } from '../endpoints/signing-secrets.ts';
import {
  organizations,
  secrets,
  type Registry,
  type StoredOrganization,
} from '../publication/registry.ts';
import { checkEventsOff } from './events-off.ts';
import { lockTeams, checkTeam } from './team-rules.ts';

export class OrganizationsService {
  constructor(
    private readonly registry: Registry,
    private readonly catalog: Catalog,
    private readonly sealer: Sealer,
    private readonly now: () => Date,
  ) {}

  create(command: CreateOrganization, key: string | undefined): Promise<OrganizationView> {
    const print = fingerprint('POST organizations', JSON.stringify(command));
    return this.registry.changeOnce(
      { caller: 'operator', key, fingerprint: print },
      async (client) => {
        checkCallback(command.callback, command.egress);
        await this.checkOff(command.eventsOff);
        if (command.team) checkTeam(command.team, await lockTeams(client));
        const audiences =
          command.audiences ?? (command.kind === 'team' ? ['internal', 'partner'] : ['partner']);
        const organization: StoredOrganization = {
          id: randomUUID(),
          ...command,
          audiences,
          createdAt: this.now().toISOString(),
        };
        const { id } = organization;
        // Callback URLs are not registered, so all of an organization's share one secret.
        const { record } = newSecret(id, callbackSecretContext(id), this.sealer);
        await secrets.create(client, id, record);
        await organizations.create(client, id, organization);
        return organization;
      },
    );
  }

  async getAll(limit: number, after: string | undefined) {
    const found = await organizations.list(this.registry.pool, null, limit, after);
    return pageOf(found, limit, ({ id }) => id, view);
  }

  async get(id: string): Promise<OrganizationView> {
    return view(await findOrganization(this.registry.pool, id));
  }

  change(id: string, command: ChangeOrganization): Promise<OrganizationView> {
    return this.registry.change(async (client) => {
      const changed = { ...view(await lockOrganization(client, id)), ...command };
      checkCallback(changed.callback, changed.egress);
      if (command.eventsOff) await this.checkOff(command.eventsOff);
      await organizations.replace(client, id, changed);
      return changed;
    });
  }

  private checkOff(names: readonly string[]): Promise<void> {
    return this.catalog.retryAfterCatchUp(() => checkEventsOff(names, this.catalog));
  }

  /** Creates a new secret for callback URLs. Only this response contains it; for a day the previous one signs as well. */
  rotateCallbackSecret(
    id: string,
    by: string,
    key: string | undefined,
  ): Promise<SigningSecretShown> {
    const request = { caller: by, key, fingerprint: fingerprint('POST callback-secret', id) };
    return this.registry.changeOnce(request, async (client) => {
      await lockOrganization(client, id);
      const current = (await secrets.lock(client, id))!;
      const { secret, record } = rotateSecret(
        current,
        callbackSecretContext(id),
        this.sealer,
        this.now(),
      );
      await secrets.replace(client, id, record);
      return { secret: encodeSecret(secret) };
    });
  }
}

function checkCallback(callback: Organization['callback'], egress: Organization['egress']): void {
  if (callback) checkCallableUrl('callback.url', callback.url, egress);
}

/** @throws ApiError 404 where the organization does not exist */
export async function findOrganization(pool: Pool, id: string): Promise<StoredOrganization> {
  const found = await organizations.get(pool, id);
  if (!found) throw notFound('organization');
  return found;
}

/**
 * Locks the organization until the transaction ends, so that no concurrent request adds to it.
 * @throws ApiError 404 where the organization does not exist
 */
export async function lockOrganization(
  client: PoolClient,
  id: string,
): Promise<StoredOrganization> {
  const found = await organizations.lock(client, id);
  if (!found) throw notFound('organization');
  return found;
}

/** Fields that records of earlier versions do not have. */
const defaults = { automaticReviews: false };

const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...organization
}: StoredOrganization & Partial<Organization>): OrganizationView => ({
  ...defaults,
  ...organization,
});

import { randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import {
  callbackSecretOwner,
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
import { newSecret, rotated } from '../endpoints/signing-secrets.ts';
import {
  organizations,
  secrets,
  type Registry,
  type StoredOrganization,
} from '../publication/registry.ts';
import { checkEventsOff } from './events-off.ts';
import { holdTeams, checkTeam } from './team-rules.ts';

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
      { owner: 'operator', key, fingerprint: print },
      async (client) => {
        checkCallback(command.callback, command.egress);
        await this.checkOff(command.eventsOff);
        if (command.team) checkTeam(command.team, await holdTeams(client));
        const audiences =
          command.audiences ?? (command.kind === 'team' ? ['internal', 'partner'] : ['partner']);
        const organization: StoredOrganization = {
          id: randomUUID(),
          ...command,
          audiences,
          createdAt: this.now().toISOString(),
        };
        const { id } = organization;
        // Callback URLs come and go: what they are signed with is the organization's.
        const { record } = newSecret(id, callbackSecretOwner(id), this.sealer);
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
      const changed = { ...view(await holdOrganization(client, id)), ...command };
      checkCallback(changed.callback, changed.egress);
      if (command.eventsOff) await this.checkOff(command.eventsOff);
      await organizations.replace(client, id, changed);
      return changed;
    });
  }

  private checkOff(names: readonly string[]): Promise<void> {
    return this.catalog.ask(() => checkEventsOff(names, this.catalog));
  }

  /** A new secret for callback URLs, shown in this answer only; the one before goes on signing for a day. */
  rotateCallbackSecret(
    id: string,
    by: string,
    key: string | undefined,
  ): Promise<SigningSecretShown> {
    const request = { owner: by, key, fingerprint: fingerprint('POST callback-secret', id) };
    return this.registry.changeOnce(request, async (client) => {
      await holdOrganization(client, id);
      const current = (await secrets.lock(client, id))!;
      const { secret, record } = rotated(current, callbackSecretOwner(id), this.sealer, this.now());
      await secrets.replace(client, id, record);
      return { secret: encodeSecret(secret) };
    });
  }
}

function checkCallback(callback: Organization['callback'], egress: Organization['egress']): void {
  if (callback) checkCallableUrl('callback.url', callback.url, egress);
}

/** @throws Refusal 404 where there is no such organization */
export async function findOrganization(pool: Pool, id: string): Promise<StoredOrganization> {
  const found = await organizations.get(pool, id);
  if (!found) throw notFound('organization');
  return found;
}

/** Holds the organization, so that what is counted below it stays as it is until the transaction ends. */
export async function holdOrganization(
  client: PoolClient,
  id: string,
): Promise<StoredOrganization> {
  const found = await organizations.lock(client, id);
  if (!found) throw notFound('organization');
  return found;
}

const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...organization
}: StoredOrganization & Partial<Organization>): OrganizationView => organization;

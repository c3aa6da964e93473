import {
  Topics,
  type ApiKey,
  type Endpoint,
  type Organization,
  type SigningSecret,
} from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { publishReferences, ReferenceStore } from '@casewire/event-sourcing';
import {
  idempotent,
  inTransaction,
  type ResponseSeal,
  type IdempotentRequest,
} from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

type Unpublished<T> = Omit<T, 'revision' | 'deletedAt'>;

export type StoredOrganization = Unpublished<Organization> & { createdAt: string };

export const organizations = new ReferenceStore<StoredOrganization>(
  Topics.organizations,
  () => null,
);
export const apiKeys = new ReferenceStore<Unpublished<ApiKey>>(
  Topics.apiKeys,
  ({ organizationId }) => organizationId,
);
export const endpoints = new ReferenceStore<Unpublished<Endpoint>>(
  Topics.endpoints,
  ({ organizationId }) => organizationId,
);
export const secrets = new ReferenceStore<Unpublished<SigningSecret>>(Topics.secrets, () => null);

/** An endpoint is published after its organization and its secret, so that a reader of the endpoint can use it. */
const publicationOrder = [Topics.organizations, Topics.apiKeys, Topics.secrets, Topics.endpoints];

/** Changes the registry. A change returns only after the topics acknowledged its records. */
export class Registry {
  constructor(
    readonly pool: Pool,
    private readonly log: Pick<EventLog, 'send'>,
    private readonly seal: ResponseSeal,
  ) {}

  async change<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const result = await inTransaction(this.pool, work);
    await this.publish();
    return result;
  }

  /** A change that takes effect only once per Idempotency-Key. */
  changeOnce<T>(request: IdempotentRequest, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.change((client) => idempotent(client, request, this.seal, () => work(client)));
  }

  /**
   * Publishes the records that the topics do not have yet.
   * @returns how many
   */
  publish(): Promise<number> {
    return inTransaction(this.pool, (client) =>
      publishReferences(client, publicationOrder, (messages) => this.log.send(messages)),
    );
  }
}

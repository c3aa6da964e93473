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

/** An endpoint comes after its organization and its secret: who sees it can use it. */
const inOrder = [Topics.organizations, Topics.apiKeys, Topics.secrets, Topics.endpoints];

/** Changes to the registry: an answer is given only after what it says was acknowledged by the topics. */
export class Registry {
  constructor(
    readonly pool: Pool,
    private readonly log: Pick<EventLog, 'send'>,
    private readonly seal: ResponseSeal,
  ) {}

  async change<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const answer = await inTransaction(this.pool, work);
    await this.publish();
    return answer;
  }

  /** A change that takes effect once per Idempotency-Key. */
  changeOnce<T>(request: IdempotentRequest, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.change((client) => idempotent(client, request, this.seal, () => work(client)));
  }

  /** Publishes what the topics lag behind. */
  publish(): Promise<number> {
    return inTransaction(this.pool, (client) =>
      publishReferences(client, inOrder, (messages) => this.log.send(messages)),
    );
  }
}

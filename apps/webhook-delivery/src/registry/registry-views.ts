import { Endpoint, EventType, Organization, SigningSecret, Topics } from '@casewire/contracts';
import { ReferenceView, type EventLog, type FetchMark } from '@casewire/event-log';

import type { ReferenceData } from '../model/reference-data.ts';
import { CatalogView } from './catalog-view.ts';
import type { PartitionCounts } from './partition-counts.ts';

/** Views of the registry and the catalog: their topics, in memory. */
export class RegistryViews implements ReferenceData {
  readonly endpoints: ReferenceView<Endpoint>;
  readonly organizations: ReferenceView<Organization>;
  readonly secrets: ReferenceView<SigningSecret>;
  private readonly eventTypes: ReferenceView<EventType>;
  private readonly deleted = new Set<string>();
  private readonly byOrganization = new Map<string, Map<string, Endpoint>>();
  readonly catalog: CatalogView;

  constructor(
    log: EventLog,
    private readonly partitions: PartitionCounts,
  ) {
    const view = <T>(topic: string, schema: { parse(value: unknown): T }) =>
      new ReferenceView<T>({ log, topic, parse: (value) => schema.parse(value) });
    this.endpoints = view(Topics.endpoints, Endpoint);
    this.organizations = view(Topics.organizations, Organization);
    this.secrets = view(Topics.secrets, SigningSecret);
    this.eventTypes = view(Topics.eventTypes, EventType);
    this.catalog = new CatalogView(this.eventTypes);
    this.endpoints.onChange((id, endpoint) => this.index(id, endpoint));
  }

  get all(): ReferenceView<unknown>[] {
    return [
      this.endpoints,
      this.organizations,
      this.secrets,
      this.eventTypes,
    ] as ReferenceView<unknown>[];
  }

  /** Requests the ends of the topics for a fetch of events, so that `catchUp` with its mark finds them requested. One request for all. */
  requestEnds(after: FetchMark): void {
    for (const view of this.all) view.request(after);
  }

  async catchUp(after?: FetchMark): Promise<bigint> {
    const options = { timeoutMs: 10_000, after };
    const [endpoints] = await Promise.all([
      this.endpoints.catchUp(options),
      this.secrets.catchUp(options),
      this.organizations.catchUp(options),
      this.eventTypes.catchUp(options),
    ]);
    return endpoints;
  }

  endpointsOf(organizationId: string): Iterable<Endpoint> {
    return this.byOrganization.get(organizationId)?.values() ?? [];
  }

  organization(id: string): Organization | undefined {
    return this.organizations.get(id);
  }

  isMisplaced(topic: string, partition: number, key: string | null): boolean {
    return this.partitions.isMisplaced(topic, partition, key);
  }

  /** Whether the registry deleted the endpoint. */
  isDeleted(endpointId: string): boolean {
    return this.deleted.has(endpointId);
  }

  private index(id: string, endpoint: Endpoint | undefined): void {
    if (endpoint) {
      this.deleted.delete(id);
      const known = this.byOrganization.get(endpoint.organizationId) ?? new Map<string, Endpoint>();
      this.byOrganization.set(endpoint.organizationId, known.set(id, endpoint));
      return;
    }
    this.deleted.add(id);
    for (const known of this.byOrganization.values()) known.delete(id);
  }
}

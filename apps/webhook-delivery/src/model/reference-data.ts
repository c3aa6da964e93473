import type { Endpoint, EventType, Organization } from '@casewire/contracts';
import type { FetchMark } from '@casewire/event-log';

/** The event catalog. */
export interface Catalog {
  /** The active or deprecated type at this version, or at its latest such version if none is given. */
  find(name: string, version: number | undefined): EventType | undefined;
  /** Version and status of a type of any status, at this version or at its latest; undefined if there is none. */
  statusOf(
    name: string,
    version: number | undefined,
  ): { version: number; status: EventType['status'] } | undefined;
  /** The first violation of the type's schema; null if the data is valid. */
  faultOf(type: EventType, data: unknown): string | null;
}

/** The registry and the catalog, as of the last `catchUp`. */
export interface ReferenceData {
  catalog: Catalog;
  /**
   * Makes every view read its topic to its end.
   * @param after the end is requested after this fetch of events, once for all calls with the same mark; without it, after the call
   * @returns the read index: the end offset of the endpoints' topic
   */
  catchUp(after?: FetchMark): Promise<bigint>;
  endpointsOf(organizationId: string): Iterable<Endpoint>;
  organization(id: string): Organization | undefined;
  /** Whether a record with this key belongs to another partition of its topic. */
  isMisplaced(topic: string, partition: number, key: string | null): boolean;
}

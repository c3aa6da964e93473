import type {
  ChangeEventType,
  ChangeEventTypeStatus,
  CreateEventTypeVersion,
  EventTypeQuery,
  EventTypeView,
  RegisterEventType,
  SchemaDiff,
  SchemaRevision,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';
import type { Page } from './partner.ts';

const path = (name: string, ...rest: (string | number)[]): string =>
  ['/catalog/v1/event-types', encodeURIComponent(name), ...rest].join('/');

/** The catalog API for an internal team and its event types. Every method throws ApiError if the API refuses the request. */
export class TeamClient {
  readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  /** Registers an event type with its first version. */
  register(
    type: z.input<typeof RegisterEventType>,
    idempotencyKey?: string,
  ): Promise<EventTypeView> {
    return this.api.call('/catalog/v1/event-types', {
      method: 'POST',
      body: type,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  /** Adds a version to an event type. */
  createVersion(
    name: string,
    version: z.input<typeof CreateEventTypeVersion>,
    idempotencyKey?: string,
  ): Promise<EventTypeView> {
    return this.api.call(path(name, 'versions'), {
      method: 'POST',
      body: version,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }

  /** Changes a version of an event type; a change of the schema must be compatible. */
  change(name: string, version: number, changes: ChangeEventType): Promise<EventTypeView> {
    return this.api.call(path(name, version), { method: 'PUT', body: changes });
  }

  /** Changes the status of a version, such as to deprecated. */
  changeStatus(
    name: string,
    version: number,
    status: ChangeEventTypeStatus['status'],
  ): Promise<EventTypeView> {
    return this.api.call(path(name, version), { method: 'PATCH', body: { status } });
  }

  /** The event types that match the query. */
  eventTypes(query: Partial<EventTypeQuery> = {}): Promise<Page<EventTypeView>> {
    const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
    const search = new URLSearchParams(given as [string, string][]);
    return this.api.call(`/catalog/v1/event-types?${search.toString()}`);
  }

  eventType(name: string, version: number): Promise<EventTypeView> {
    return this.api.call(path(name, version));
  }

  /** All versions of an event type. */
  versions(name: string): Promise<{ items: EventTypeView[] }> {
    return this.api.call(path(name, 'versions'));
  }

  /** The schemas that a version has had, oldest first. */
  schemas(name: string, version: number): Promise<{ items: SchemaRevision[] }> {
    return this.api.call(path(name, version, 'schemas'));
  }

  /** The changes of the schema between two versions. */
  diff(name: string, from: number, to: number): Promise<SchemaDiff> {
    return this.api.call(`${path(name, 'diff')}?from=${from}&to=${to}`);
  }
}

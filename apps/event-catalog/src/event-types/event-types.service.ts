import { isDeepStrictEqual } from 'node:util';

import { EventType, eventTypeKey, Topics } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { publishReferences, ReferenceStore } from '@casewire/event-sourcing';
import { inTransaction, notFound } from '@casewire/service';
import type { Pool } from 'pg';

import type { CataloguedType } from './casewire-event-types.ts';

const eventTypes = new ReferenceStore<CataloguedType>(Topics.eventTypes, () => null);

/** Far more than there will ever be: the whole catalog is one page. */
const everything = 10_000;

export class EventTypesService {
  constructor(
    private readonly pool: Pool,
    private readonly log: Pick<EventLog, 'send'>,
  ) {}

  /** Puts these types into the catalog as they are now, and publishes what changed. */
  async register(types: readonly CataloguedType[]): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      for (const type of types) {
        const key = eventTypeKey(type.name, type.version);
        const known = await eventTypes.hold(client, key);
        if (!known) await eventTypes.create(client, key, type);
        else if (!isSame(known, type)) await eventTypes.replace(client, key, type);
      }
    });
    await this.publish();
  }

  /** Publishes what the topic lags behind. */
  publish(): Promise<number> {
    return inTransaction(this.pool, (client) =>
      publishReferences(client, [Topics.eventTypes], (messages) => this.log.send(messages)),
    );
  }

  async getAll(): Promise<CataloguedType[]> {
    return (await eventTypes.list(this.pool, null, everything)).map(view);
  }

  async get(name: string, version: number): Promise<CataloguedType> {
    const found = await eventTypes.get(this.pool, eventTypeKey(name, version));
    if (!found) throw notFound('event type');
    return view(found);
  }
}

const view = ({ revision: _revision, deletedAt: _deletedAt, ...type }: EventType): CataloguedType =>
  type;

// As JSON: what comes from the database has gone through it.
const isSame = (known: EventType, type: CataloguedType): boolean =>
  isDeepStrictEqual(view(known), JSON.parse(JSON.stringify(type)));

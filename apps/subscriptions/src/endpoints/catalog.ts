import { eventTypeKey, type EventType } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

/** What is needed of the view on the catalog. */
export interface CatalogTypes {
  entries(): Iterable<[string, EventType]>;
  get(key: string): EventType | undefined;
  catchUp(options: { timeoutMs: number }): Promise<bigint>;
}

/** The catalog as the registry knows it. */
export class Catalog {
  constructor(private readonly types: CatalogTypes) {}

  all(): EventType[] {
    return Array.from(this.types.entries(), ([, type]) => type);
  }

  find(name: string, version: number): EventType | undefined {
    return this.types.get(eventTypeKey(name, version));
  }

  /** The latest version of a type that is not retired. */
  latest(name: string): EventType | undefined {
    return this.all()
      .filter((type) => type.name === name && type.status !== 'retired')
      .reduce<EventType | undefined>(
        (best, type) => (best && best.version >= type.version ? best : type),
        undefined,
      );
  }

  /** What is asked by a request; a type that is not known yet may be in the catalog's log already. */
  async ask<T>(question: () => T): Promise<T> {
    try {
      return question();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.types.catchUp({ timeoutMs: 2000 });
      return question();
    }
  }
}

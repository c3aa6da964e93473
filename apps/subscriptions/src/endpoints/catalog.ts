import { eventTypeKey, type EventType } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

/** The methods of the view on the catalog that are used here. */
export interface CatalogView {
  entries(): Iterable<[string, EventType]>;
  get(key: string): EventType | undefined;
  catchUp(options: { timeoutMs: number }): Promise<bigint>;
}

/** The event types of the catalog, from the registry's view on them. */
export class Catalog {
  constructor(private readonly types: CatalogView) {}

  all(): EventType[] {
    return Array.from(this.types.entries(), ([, type]) => type);
  }

  find(name: string, version: number): EventType | undefined {
    return this.types.get(eventTypeKey(name, version));
  }

  /** The latest version of a type, without retired versions; undefined where there is none. */
  latest(name: string): EventType | undefined {
    return this.all()
      .filter((type) => type.name === name && type.status !== 'retired')
      .reduce<EventType | undefined>(
        (latest, type) => (latest && latest.version >= type.version ? latest : type),
        undefined,
      );
  }

  /**
   * Runs a check against the view. If it fails, it runs once more after the view has caught up with the topic: the topic may
   * have a type that the view does not have yet.
   * @throws ApiError of the second run
   */
  async retryAfterCatchUp<T>(check: () => T): Promise<T> {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.types.catchUp({ timeoutMs: 2000 });
      return check();
    }
  }
}

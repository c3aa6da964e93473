import type { IngestBatch } from '../../model/lane-store.ts';
import { destinationKey } from './lock-destinations.ts';

/** Some hundred bytes each. */
const maxIds = 50_000;

/** A cache of destination ids, by `destinationKey`. An id never changes, but its destination may have been deleted. */
export class DestinationIds {
  private readonly known = new Map<string, string>();

  get ids(): ReadonlyMap<string, string> {
    return this.known;
  }

  /** @param destinations ids by `destinationKey` */
  add(destinations: ReadonlyMap<string, string>): void {
    if (this.known.size + destinations.size > maxIds) this.known.clear();
    for (const [key, id] of destinations) this.known.set(key, id);
  }

  /** Whether the cache has all destinations of these batches, and none of them is an erasure: the assumptions of `ingestOptimistically`. */
  coverAll(batches: readonly IngestBatch[]): boolean {
    return batches.every(({ events }) =>
      events.every(
        ({ erases, deliveries }) =>
          !erases &&
          deliveries.every(({ destination }) => this.known.has(destinationKey(destination))),
      ),
    );
  }
}

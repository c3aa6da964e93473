import type { IngestBatch } from '../../model/lane-store.ts';
import { destinationKey } from './lock-destinations.ts';

/** Some hundred bytes each. */
const atMost = 50_000;

/** The ids of destinations that batches were for: an id never changes, and what is known here may be no more. */
export class DestinationIds {
  private readonly known = new Map<string, string>();

  get ids(): ReadonlyMap<string, string> {
    return this.known;
  }

  /** @param destinations ids by name */
  add(destinations: ReadonlyMap<string, string>): void {
    if (this.known.size + destinations.size > atMost) this.known.clear();
    for (const [name, id] of destinations) this.known.set(name, id);
  }

  /** Whether these batches are only for what is known. Erasures are not expected. */
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

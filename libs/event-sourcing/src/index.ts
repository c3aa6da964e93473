export { stateAfter, type Decider } from './decider.ts';
export {
  append,
  eventStoreTables,
  readStream,
  VersionConflict,
  type Append,
  type DomainEvent,
  type ReadStream,
  type StoredEvent,
} from './event-store.ts';
export { rebuild, type Projection } from './projection.ts';
export { Relay, type RelayOptions } from './relay.ts';
export { shardCount, shardOf } from './shard.ts';
export {
  publishReferences,
  ReferenceStore,
  referenceTable,
  type ReferenceMessage,
  type Revised,
} from './reference-store.ts';

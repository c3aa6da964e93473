export { stateAfter, type Decider } from './decider.ts';
export {
  advancePublication,
  append,
  eventStoreTables,
  readStream,
  VersionConflict,
  withdrawPublication,
  type Append,
  type DomainEvent,
  type ReadStream,
  type StoredEvent,
} from './event-store.ts';
export type { Projection } from './projection.ts';
export { rebuild, type Rebuilt, type RebuildOptions, type TableDifference } from './rebuild.ts';
export { Relay, translateByStream, type RelayOptions } from './relay.ts';
export { NotPublished, untilPublished } from './until-published.ts';
export { shardCount, shardOf } from './shard.ts';
export {
  publishReferences,
  ReferenceStore,
  referenceTable,
  type ReferenceMessage,
  type Revised,
} from './reference-store.ts';

export { EmbeddedKafka } from './embedded-kafka.ts';
export { OptionInvalid, type EmbeddedKafkaOptions } from './options.ts';
export { FolderInUse } from '@casewire/folder-lock';

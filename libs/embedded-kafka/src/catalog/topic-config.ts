import { ErrorCode } from '../protocol/error-code.ts';

const DAY = 24 * 60 * 60 * 1000;

/** The requested topic cannot be created; `errorCode` is for the client. */
export class TopicRefused extends Error {
  override readonly name = 'TopicRefused';
  readonly code = 'KAFKA_TOPIC_REFUSED';
  readonly retriable = false;

  constructor(
    readonly errorCode: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

type Rule = { readonly default: string; allows(value: string): boolean };
const number = (fallback: number, lowest: number): Rule => ({
  default: String(fallback),
  allows: (value) => /^-?\d+$/.test(value) && Number(value) >= lowest,
});
const oneOf = (...values: [string, ...string[]]): Rule => ({
  default: values[0],
  allows: (value) => values.includes(value),
});

/**
 * The accepted topic settings, with Apache Kafka's defaults (https://kafka.apache.org/documentation/#topicconfigs). retention.*,
 * cleanup.policy and max.message.bytes have an effect, except that a compacted topic keeps all its records. Values that require a
 * behaviour that this broker does not have are refused. All other settings are stored and described without an effect.
 */
const rules: Record<string, Rule> = {
  'cleanup.policy': oneOf('delete', 'compact', 'compact,delete', 'delete,compact'),
  'compression.type': oneOf('producer'),
  'delete.retention.ms': number(DAY, 0),
  'file.delete.delay.ms': number(60_000, 0),
  'flush.messages': number(1, 1),
  'flush.ms': number(0, 0),
  'max.compaction.lag.ms': number(Number.MAX_SAFE_INTEGER, 1),
  'max.message.bytes': number(1024 * 1024 + 12, 0),
  'message.timestamp.type': oneOf('CreateTime'),
  'min.cleanable.dirty.ratio': { default: '0.5', allows: (value) => Number(value) >= 0 },
  'min.compaction.lag.ms': number(0, 0),
  'min.insync.replicas': oneOf('1'),
  'retention.bytes': number(-1, -1),
  'retention.ms': number(7 * DAY, -1),
  'segment.bytes': number(32 * 1024 * 1024, 1),
  'segment.ms': number(7 * DAY, 1),
};

/** Checks the settings of a new topic; null values mean the default. Throws TopicRefused, naming the setting. */
export function acceptTopicConfigs(
  requested: readonly { name: string; value: string | null }[],
): Record<string, string> {
  const accepted: Record<string, string> = {};
  for (const { name, value } of requested) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) throw new TopicRefused(ErrorCode.invalidConfig, `Unknown topic setting ${name}`);
    if (value === null) continue;
    if (!rule.allows(value))
      throw new TopicRefused(ErrorCode.invalidConfig, `${name} cannot be ${value}`);
    accepted[name] = value;
  }
  return accepted;
}

/** Every setting of a topic; `given` is false for a default. */
export function describeTopicConfigs(
  configs: Record<string, string>,
  maxBatchBytes: number,
): { name: string; value: string; given: boolean }[] {
  return Object.entries(rules).map(([name, rule]) => {
    const given = configs[name];
    const fallback = name === 'max.message.bytes' ? String(maxBatchBytes) : rule.default;
    return { name, value: given ?? fallback, given: given !== undefined };
  });
}

export interface Retention {
  /** Age in milliseconds from which records may be removed. */
  readonly ms: number;
  /** Size of a partition in bytes above which its oldest records may be removed. */
  readonly bytes: number;
}

/** How long the records of a topic are kept. A compacted topic keeps all its records here, not only the last one of each key. */
export function retentionOf(configs: Record<string, string>): Retention {
  const policy = configs['cleanup.policy'] ?? 'delete';
  if (!policy.includes('delete')) return { ms: Infinity, bytes: Infinity };
  const limit = (name: string) => {
    const value = Number(configs[name] ?? rules[name]!.default);
    return value === -1 ? Infinity : value;
  };
  return { ms: limit('retention.ms'), bytes: limit('retention.bytes') };
}

/** Throws TopicRefused unless Apache Kafka accepts the name. */
export function acceptTopicName(name: string): void {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..')
    throw new TopicRefused(
      ErrorCode.invalidTopic,
      'A topic name has 1 to 249 characters of a-z, A-Z, 0-9, ".", "_" and "-"',
    );
}

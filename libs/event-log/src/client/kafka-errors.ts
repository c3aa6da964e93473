/** The name Kafka gives the error that is at the bottom of this one, if the broker answered with one. */
export function protocolError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return protocolError(error.cause);
}

/** Whether the broker refused for good: it answered, and kafkajs knows that repeating does not help. */
export function isRejectedByBroker(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('type' in error && 'retriable' in error) return error.retriable === false;
  return isRejectedByBroker(error.cause);
}

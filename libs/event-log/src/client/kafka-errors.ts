/** Kafka's name of the protocol error that caused this error, if the broker responded with one. */
export function protocolError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return protocolError(error.cause);
}

/** Whether the broker responded with an error that kafkajs does not regard as retriable. */
export function isRejectedByBroker(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('type' in error && 'retriable' in error) return error.retriable === false;
  return isRejectedByBroker(error.cause);
}

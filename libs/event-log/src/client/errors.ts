/** Every error of this library: `code` is stable, `retriable` says whether the same call may succeed later. */
export abstract class EventLogError extends Error {
  abstract readonly code: string;
  abstract readonly retriable: boolean;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The broker does not accept a record of this size. The record was not written. */
export class RecordTooLarge extends EventLogError {
  readonly code = 'RECORD_TOO_LARGE';
  readonly retriable = false;

  constructor(
    readonly topic: string,
    /** Size of the record as it would be on the wire, in bytes. */
    readonly bytes: number,
  ) {
    super(`a record of ${bytes} bytes is too large for topic ${topic}`);
  }
}

/** The broker could not be reached, or did not respond, until the retries were exhausted. */
export class EventLogUnavailable extends EventLogError {
  readonly code = 'EVENT_LOG_UNAVAILABLE';
  readonly retriable = true;

  constructor(problem: string, cause: unknown) {
    super(`${problem}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The event log, or a consumer of it, was closed before or during the call. */
export class EventLogClosed extends EventLogError {
  readonly code = 'EVENT_LOG_CLOSED';
  readonly retriable = false;
}

/** The broker refused a record or a request, and a retry would be refused too. */
export class EventLogRefused extends EventLogError {
  readonly code = 'EVENT_LOG_REFUSED';
  readonly retriable = false;

  constructor(problem: string, cause: unknown) {
    super(`${problem}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A topic exists and does not match its specification. Partition counts of existing topics are never changed. */
export class TopicMismatch extends EventLogError {
  readonly code = 'TOPIC_MISMATCH';
  readonly retriable = false;

  constructor(
    readonly topic: string,
    difference: string,
  ) {
    super(`topic ${topic} ${difference}`);
  }
}

/** The value of a record is not of the form that its consumer expects. */
export class RecordUnreadable extends EventLogError {
  readonly code = 'RECORD_UNREADABLE';
  readonly retriable = false;

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
  }
}

/** A view did not reach the end of its topic within the time limit. */
export class ViewStale extends EventLogError {
  readonly code = 'VIEW_STALE';
  readonly retriable = true;

  constructor(
    readonly topic: string,
    /** The offset that the view had reached. */
    readonly offset: bigint,
    cause?: unknown,
  ) {
    super(`the view of ${topic} is behind at offset ${offset}`, { cause });
  }
}

/**
 * A dependency of a handler (a database, the broker, a blob store) is unavailable. A record whose handler fails with this error
 * is never dead-lettered: it is retried until it succeeds or its partition is revoked.
 */
export class InfrastructureError extends Error {
  readonly code = 'INFRASTRUCTURE_UNAVAILABLE';
  readonly retriable = 'forever';

  override get name(): string {
    return 'InfrastructureError';
  }
}

/** The wall clock of this machine moved back: everything scheduled by it would run late by that much. */
export class WallClockMovedBack extends EventLogError {
  readonly code = 'WALL_CLOCK_MOVED_BACK';
  readonly retriable = true;

  constructor(readonly backMs: number) {
    super(`the wall clock moved back by ${Math.round(backMs)} ms`);
  }
}

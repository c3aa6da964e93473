/** Every error of this library: `code` is stable, `retriable` says whether the same call may succeed later. */
export abstract class EventLogError extends Error {
  abstract readonly code: string;
  abstract readonly retriable: boolean;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The broker does not take a record of this size. Nothing of it was written. */
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

/** The broker could not be reached, or did not answer, for longer than the library keeps trying. */
export class EventLogUnavailable extends EventLogError {
  readonly code = 'EVENT_LOG_UNAVAILABLE';
  readonly retriable = true;

  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The event log, or a consumer of it, was closed before or while this was asked. */
export class EventLogClosed extends EventLogError {
  readonly code = 'EVENT_LOG_CLOSED';
  readonly retriable = false;
}

/** The broker refused a record or a request for a reason that repeating does not change. */
export class EventLogRefused extends EventLogError {
  readonly code = 'EVENT_LOG_REFUSED';
  readonly retriable = false;

  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A topic exists and is not what its specification says. Partition counts are never changed in place. */
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

/** The value of a record is not what its reader expects. */
export class RecordUnreadable extends EventLogError {
  readonly code = 'RECORD_UNREADABLE';
  readonly retriable = false;

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
  }
}

/** A view did not reach the end of its topic in time. */
export class ViewStale extends EventLogError {
  readonly code = 'VIEW_STALE';
  readonly retriable = true;

  constructor(
    readonly topic: string,
    /** Offset the view had reached. */
    readonly offset: bigint,
    cause?: unknown,
  ) {
    super(`the view of ${topic} is behind at offset ${offset}`, { cause });
  }
}

/**
 * Something a handler depends on (a database, the broker, a blob store) is away. A record whose handler fails with it
 * is never dead-lettered: it is tried again until it succeeds or its partition is revoked.
 */
export class InfrastructureError extends Error {
  readonly code = 'INFRASTRUCTURE_UNAVAILABLE';
  readonly retriable = 'forever';

  override get name(): string {
    return 'InfrastructureError';
  }
}

/** The wall clock of this machine went back: what is scheduled by it would wait until its time has come again. */
export class WallClockMovedBack extends EventLogError {
  readonly code = 'WALL_CLOCK_MOVED_BACK';
  readonly retriable = true;

  constructor(readonly backMs: number) {
    super(`the wall clock went back by ${Math.round(backMs)} ms`);
  }
}

/** A stage that could not do its work and would not at another try: its run ends as failed, with this code. */
export class StageFailed extends Error {
  readonly retriable = false;
  /** @param detail a sentence that is safe to show to the partner */
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'StageFailed';
  }
}

/** What the stage stands on is away: the run is neither done nor failed, and is tried until it is back. */
export class StageUnavailable extends Error {
  readonly code = 'STAGE_UNAVAILABLE';
  readonly retriable = 'forever';
  constructor(cause: Error) {
    super(`the stage cannot work: ${cause.message}`, { cause });
    this.name = 'StageUnavailable';
  }
}

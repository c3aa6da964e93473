/** A stage cannot do its work, and another attempt would end the same: the run fails with this code. */
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

/** Infrastructure of the stage is not available: the run is neither completed nor failed, and is attempted again. */
export class StageUnavailable extends Error {
  readonly code = 'STAGE_UNAVAILABLE';
  readonly retriable = 'forever';
  constructor(cause: Error) {
    super(`the stage cannot work: ${cause.message}`, { cause });
    this.name = 'StageUnavailable';
  }
}

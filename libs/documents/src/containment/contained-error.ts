/** The child ended without an answer: killed by a bound, by the clock, or by what it read. */
export class ContainedCrash extends Error {
  readonly code = 'CONTAINED_CRASH';
  readonly retriable = false;
  constructor(
    readonly timedOut: boolean,
    readonly diagnosis: string,
  ) {
    super(timedOut ? 'the contained process ran out of time' : 'the contained process ended');
  }
}

/** The child did not get as far as to wait for a document, or was taken away: the installation is at fault, not the document. */
export class ContainmentBroken extends Error {
  readonly code = 'CONTAINMENT_BROKEN';
  readonly retriable = true;
  constructor(diagnosis: string) {
    super(`a contained process could not do its work: ${diagnosis.trim().slice(-1000)}`);
  }
}

/** The job threw. */
export class ContainedFailure extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

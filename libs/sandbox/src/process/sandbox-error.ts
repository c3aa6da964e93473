/** The child ended without an answer by what it read: killed by a bound of the kernel, by its processor time, or by itself. */
export class SandboxCrashed extends Error {
  readonly code = 'SANDBOX_CRASHED';
  readonly retriable = false;
  constructor(
    /** Whether it used more processor time than it may. */
    readonly tooSlow: boolean,
    readonly diagnosis: string,
  ) {
    super(
      tooSlow
        ? 'the contained process used more processor time than it may'
        : 'the contained process ended',
    );
  }
}

/** The child did not come to an end in time without having used its processor time, or was killed from outside: the machine is at fault. */
export class SandboxStalled extends Error {
  readonly code = 'SANDBOX_STALLED';
  readonly retriable = true;
  constructor(readonly diagnosis: string) {
    super(`a contained process could not do its work: ${diagnosis}`);
  }
}

/** The child did not get as far as to wait for a document, or was taken away: the installation is at fault, not the document. */
export class SandboxBroken extends Error {
  readonly code = 'SANDBOX_BROKEN';
  readonly retriable = true;
  constructor(diagnosis: string, options?: ErrorOptions) {
    super(`a contained process could not do its work: ${diagnosis.trim().slice(-1000)}`, options);
  }
}

/** More wait for a contained process than may wait. */
export class SandboxBusy extends Error {
  readonly code = 'SANDBOX_BUSY';
  readonly retriable = true;
  constructor() {
    super('too many documents wait to be read');
  }
}

/** The job threw. */
export class SandboxJobFailed extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The document ended its process: by a limit of the kernel, by its processor time, or by a crash. */
export class SandboxCrashed extends Error {
  readonly code = 'SANDBOX_CRASHED';
  readonly retriable = false;
  constructor(
    /** Whether it used more processor time than allowed. */
    readonly tooSlow: boolean,
    readonly diagnosis: string,
  ) {
    super(
      tooSlow
        ? 'the sandboxed process used more processor time than allowed'
        : 'the sandboxed process ended',
    );
  }
}

/** The elapsed time ran out before the processor time, or the process was killed from outside: the machine is at fault. */
export class SandboxStalled extends Error {
  readonly code = 'SANDBOX_STALLED';
  readonly retriable = true;
  constructor(readonly diagnosis: string) {
    super(`a sandboxed process could not do its work: ${diagnosis}`);
  }
}

/** The process could not be started, or its launcher was lost: the installation is at fault, not the document. */
export class SandboxBroken extends Error {
  readonly code = 'SANDBOX_BROKEN';
  readonly retriable = true;
  constructor(diagnosis: string, options?: ErrorOptions) {
    super(`a sandboxed process could not do its work: ${diagnosis.trim().slice(-1000)}`, options);
  }
}

/** The queue for sandboxed processes is full. */
export class SandboxBusy extends Error {
  readonly code = 'SANDBOX_BUSY';
  readonly retriable = true;
  constructor() {
    super('too many documents wait to be read');
  }
}

/** The job threw an error. */
export class SandboxJobFailed extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

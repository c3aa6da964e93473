/** What a job gets: the untrusted bytes, and what it was asked for. */
export interface JobInput<Args> {
  bytes: Buffer;
  args: Args;
}

/** What it gives back: a JSON value, and blobs beside it. */
export interface JobOutput<Value> {
  value: Value;
  blobs?: Uint8Array[];
}

/**
 * A function that runs in a contained child. It is the default export of a module of its own, whose imports
 * are type-only, or of packages that children may read.
 */
export type Job<Args, Value> = (
  input: JobInput<Args>,
) => JobOutput<Value> | Promise<JobOutput<Value>>;

/** Thrown in a child: a fault of the document, told by its code. */
export class JobError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Where a command prints its lines. */
export interface Terminal {
  /** Prints to standard output. */
  print: (line: string) => void;
  /** Prints to standard error. */
  error: (line: string) => void;
}

/** Wrong arguments; the message names each option and its error. */
export class WrongUsage extends Error {
  readonly code = 'WRONG_USAGE';
}

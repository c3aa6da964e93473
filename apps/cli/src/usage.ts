/** Where a command's lines go. */
export interface Terminal {
  say: (line: string) => void;
  complain: (line: string) => void;
}

/** A command was called in a way that it does not know: says what is wrong with which option. */
export class WrongUsage extends Error {
  readonly code = 'WRONG_USAGE';
}

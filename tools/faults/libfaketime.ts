import { globSync, writeFileSync } from 'node:fs';

export class LibraryMissing extends Error {
  readonly code = 'LIBRARY_MISSING';
}

/** Where Debian's package `libfaketime` has the library for programs with threads; `LIBFAKETIME` names another place. */
function library(): string {
  const [found] = [
    ...(process.env.LIBFAKETIME ? [process.env.LIBFAKETIME] : []),
    ...globSync('/usr/lib/*/faketime/libfaketimeMT.so.1'),
  ];
  if (found) return found;
  throw new LibraryMissing('libfaketime is not there: install the Debian package faketime');
}

/** The wall clock of a process, which a test moves while the process runs. Its monotonic clock goes on as it is. */
export class MovableClock {
  /** What a process is to be started with. */
  readonly env: Record<string, string>;

  /** @param file where the clock's offset is kept */
  constructor(private readonly file: string) {
    this.moveTo(0);
    this.env = {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds before (negative) or after the time that it really is */
  moveTo(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '' : '+'}${seconds}`);
  }
}

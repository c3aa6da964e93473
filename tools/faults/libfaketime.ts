import { globSync, writeFileSync } from 'node:fs';

export class LibraryMissing extends Error {
  readonly code = 'LIBRARY_MISSING';
}

/** The path of the library for programs with threads in Debian's package `libfaketime`; `LIBFAKETIME` sets another path. */
function library(): string {
  const [found] = [
    ...(process.env.LIBFAKETIME ? [process.env.LIBFAKETIME] : []),
    ...globSync('/usr/lib/*/faketime/libfaketimeMT.so.1'),
  ];
  if (found) return found;
  throw new LibraryMissing('libfaketime was not found: install the Debian package faketime');
}

/** The wall clock of a process, which a test can move while the process runs. Its monotonic clock is not changed. */
export class MovableClock {
  /** The variables to start the process with. */
  readonly env: Record<string, string>;

  /** @param file stores the offset of the clock */
  constructor(private readonly file: string) {
    this.moveTo(0);
    this.env = {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds before (negative) or after the real time */
  moveTo(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '' : '+'}${seconds}`);
  }
}

import type { Random } from '@casewire/samples';

/** A file that is made to do harm, or that is broken. */
export interface HostileFile {
  name: string;
  bytes: Uint8Array;
  /** What is wrong with it, in one line. */
  about: string;
}

/** Makes one of a family; what it varies comes out of the random numbers. */
export type Maker = (random: Random) => Promise<HostileFile> | HostileFile;

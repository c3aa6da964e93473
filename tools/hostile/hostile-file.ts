import type { Random } from '@casewire/samples';

/** A harmful or damaged file. */
export interface HostileFile {
  name: string;
  bytes: Uint8Array;
  /** What is wrong with it, in one line. */
  about: string;
}

/** Makes a file of one family, which varies with the random numbers. */
export type Maker = (random: Random) => Promise<HostileFile> | HostileFile;

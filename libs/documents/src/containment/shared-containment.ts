import { Containment, type Log } from './containment.ts';

let shared: Containment | undefined;

/** The containment of this process: its waiting children serve whoever reads a document. */
export function sharedContainment(log?: Log): Containment {
  shared ??= new Containment(log ? { log } : {});
  return shared;
}

import { Sandbox, type Log } from './sandbox.ts';

let shared: Sandbox | undefined;

/** The containment of this process: its waiting children serve whoever reads a document. */
export function sharedSandbox(log?: Log): Sandbox {
  shared ??= new Sandbox(log ? { log } : {});
  return shared;
}

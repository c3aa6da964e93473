import { Sandbox, type Log } from './sandbox.ts';

let shared: Sandbox | undefined;

/** The sandbox of this service process: everything that reads documents in it shares its processes and its queue. */
export function sharedSandbox(log?: Log): Sandbox {
  shared ??= new Sandbox(log ? { log } : {});
  return shared;
}

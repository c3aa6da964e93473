import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes of buffers that are still referred to. */
export async function heldBufferBytes(): Promise<number> {
  // The memory of a buffer is given back a turn after the buffer was collected.
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await nextTurn();
  }
  return process.memoryUsage().arrayBuffers;
}

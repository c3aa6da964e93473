import { setTimeout as delay } from 'node:timers/promises';

import { BlobNotFound, type BlobStore } from '@casewire/blobs';
import { z } from 'zod';

const Claim = z.object({ until: z.number() });

/** How long a claim holds without being renewed: what a killed reader costs the next one. */
export const claimMs = 15_000;
const pollMs = 200;

export interface HeldClaim {
  /** Gives the claim back, so that another may try at once. */
  release(): Promise<void>;
}

/**
 * Waits until either `done` says that there is nothing left to do, or the work below `prefix` is this caller's alone.
 * Claims are numbered and put if absent: of many that find one expired exactly one gets the next.
 * @returns null when done
 */
export async function claim(
  blobs: BlobStore,
  prefix: string,
  done: () => Promise<boolean>,
  now: () => number,
  signal: AbortSignal,
): Promise<HeldClaim | null> {
  for (let number = 1; ;) {
    if (await done()) return null;
    const standing = await read(blobs, `${prefix}/${number}`);
    if (standing === null) {
      const body = until(now() + claimMs);
      if (await blobs.putIfAbsent(`${prefix}/${number}`, body)) {
        return held(blobs, `${prefix}/${number}`, now);
      }
    } else if (standing <= now()) {
      number++;
    } else {
      // Whoever holds it may be another process: the store is all that both can see, and it does not call back.
      await delay(pollMs, undefined, { signal });
    }
  }
}

const until = (moment: number) => Buffer.from(JSON.stringify({ until: moment }));

async function read(blobs: BlobStore, key: string): Promise<number | null> {
  try {
    return Claim.parse(JSON.parse(String(await blobs.read(key)))).until;
  } catch (error) {
    if (error instanceof BlobNotFound) return null;
    throw error;
  }
}

function held(blobs: BlobStore, key: string, now: () => number): HeldClaim {
  let renewal = Promise.resolve();
  const timer = setInterval(() => {
    // A renewal that fails lets the claim expire: the work may then be done twice, never not at all.
    renewal = blobs.put(key, until(now() + claimMs)).catch(() => undefined);
  }, claimMs / 3);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      await renewal;
      await blobs.put(key, until(0));
    },
  };
}

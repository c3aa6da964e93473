import { setTimeout as delay } from 'node:timers/promises';

import { BlobNotFound, type BlobStore } from '@casewire/blobs';
import { z } from 'zod';

const Claim = z.object({ until: z.number() });

/** A claim that is not renewed expires after this time: so long the work of a killed reader is delayed. */
export const claimMs = 15_000;
const pollMs = 200;

export interface Claimed {
  /** Ends the claim, so that another reader may claim at once. */
  release(): Promise<void>;
}

/**
 * Waits until `done` resolves to true, or until this caller has the exclusive claim below `prefix`. Claims are numbered and
 * stored if absent: of several readers that find one expired, exactly one gets the next number.
 * @returns null where `done` resolved to true
 */
export async function claim(
  blobs: BlobStore,
  prefix: string,
  done: () => Promise<boolean>,
  now: () => number,
  signal: AbortSignal,
): Promise<Claimed | null> {
  for (let number = 1; ;) {
    if (await done()) return null;
    const expiry = await readExpiry(blobs, `${prefix}/${number}`);
    if (expiry === null) {
      const body = expiresAt(now() + claimMs);
      if (await blobs.putIfAbsent(`${prefix}/${number}`, body)) {
        return renewing(blobs, `${prefix}/${number}`, now);
      }
    } else if (expiry <= now()) {
      number++;
    } else {
      // Another process may have the claim. Both see the store only, which sends no notifications: it is polled.
      await delay(pollMs, undefined, { signal });
    }
  }
}

const expiresAt = (moment: number) => Buffer.from(JSON.stringify({ until: moment }));

async function readExpiry(blobs: BlobStore, key: string): Promise<number | null> {
  try {
    return Claim.parse(JSON.parse(String(await blobs.read(key)))).until;
  } catch (error) {
    if (error instanceof BlobNotFound) return null;
    throw error;
  }
}

function renewing(blobs: BlobStore, key: string, now: () => number): Claimed {
  let renewal = Promise.resolve();
  const timer = setInterval(() => {
    // A failed renewal lets the claim expire: the work may be done twice, but it is always done.
    renewal = blobs.put(key, expiresAt(now() + claimMs)).catch(() => undefined);
  }, claimMs / 3);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      await renewal;
      await blobs.put(key, expiresAt(0));
    },
  };
}

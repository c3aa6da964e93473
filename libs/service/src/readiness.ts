import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';

import type { Pool } from 'pg';

/** Resolves to what is wrong, in words for an operator, or to null. */
export type ReadinessCheck = () => Promise<string | null> | string | null;

/** The checks of a service, by the name of what each is about. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

const checkTimeoutMs = 3_000;

/**
 * Runs all checks at once, and gives each a few seconds.
 * @returns `name: what is wrong` for each that failed, threw or did not end; none where the service is ready
 */
export async function failedChecks(
  checks: ReadinessChecks,
  ms = checkTimeoutMs,
): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const fault = await within(ms, check);
      return fault === null ? [] : [`${name}: ${fault}`];
    }),
  );
  return found.flat();
}

async function within(ms: number, check: ReadinessCheck): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${ms / 1000} s`), ms);
  try {
    return await Promise.race([check(), late.promise]);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    // A connection's error names hosts and ports; its code says enough.
    return typeof code === 'string' ? code : message;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the database answers a query. */
export const databaseResponds =
  (pool: Pick<Pool, 'query'>): ReadinessCheck =>
  async () => {
    await pool.query('select 1');
    return null;
  };

/** Room that an upload and its copy need at most. */
const leastFree = 80 * 1024 * 1024;

/**
 * Whether a folder can be written to, and has room for an upload.
 * @param least bytes that have to be free
 */
export const folderHasSpace =
  (folder: string, least = leastFree): ReadinessCheck =>
  async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MB`;
    return free >= least ? null : `${megabytes(free)} free, ${megabytes(least)} needed`;
  };

import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';

import type { Pool } from 'pg';

/** Returns the problem, in words for an operator, or null if there is none. */
export type ReadinessCheck = () => Promise<string | null> | string | null;

/** The checks of a service, by the name of the dependency that each one checks. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

const checkTimeoutMs = 3_000;

/**
 * Runs all checks concurrently, each with a time-out in milliseconds (default 3,000).
 * @returns `name: problem` for each check that failed, threw or timed out; empty if the service is ready
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
  const timer = setTimeout(() => late.resolve(`no response within ${ms / 1000} s`), ms);
  try {
    return await Promise.race([check(), late.promise]);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    // The message of a connection error has host and port, which are not public; its code is enough.
    return typeof code === 'string' ? code : message;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the database responds to a query. */
export const databaseResponds =
  (pool: Pick<Pool, 'query'>): ReadinessCheck =>
  async () => {
    await pool.query('select 1');
    return null;
  };

/** The most space that an upload and its copy need, in bytes. */
const leastFree = 80 * 1024 * 1024;

/**
 * Whether a folder is writable and has space for an upload.
 * @param least required free space, in bytes
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

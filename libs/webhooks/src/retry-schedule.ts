const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The delays between attempts, in milliseconds, and their random variation. */
export interface RetrySchedule {
  delays: readonly number[];
  /** 0.1: each delay is multiplied by a random factor between 0.9 and 1.1. */
  jitter: number;
}

/** Standard Webhooks, "Deliverability and reliability": ten attempts over about 75 hours. */
export const standardSchedule: RetrySchedule = {
  delays: [
    5 * second,
    5 * minute,
    30 * minute,
    2 * hour,
    5 * hour,
    10 * hour,
    14 * hour,
    20 * hour,
    24 * hour,
  ],
  jitter: 0.1,
};

/** Truework, "periodically over a period of 48 hours": 24 delays, the last attempt 48 h after the first, never later. */
export const everyTwoHours: RetrySchedule = {
  delays: Array.from({ length: 24 }, () => 2 * hour),
  jitter: 0,
};

/** TrustID: "it will retry 5 minutes later", "a total of 3 attempts". */
export const twiceAfterFiveMinutes: RetrySchedule = {
  delays: [5 * minute, 5 * minute],
  jitter: 0,
};

/**
 * The delay after a failed attempt.
 * @param attempt the number of the attempt that failed, from 1
 * @param random in [0, 1)
 * @returns milliseconds, or null when that attempt was the last
 */
export function delayAfter(
  schedule: RetrySchedule,
  attempt: number,
  random: number,
): number | null {
  const delay = schedule.delays[attempt - 1];
  if (delay === undefined) return null;
  return Math.round(delay * (1 + schedule.jitter * (2 * random - 1)));
}

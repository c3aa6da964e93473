import { afterEach, beforeEach } from 'vitest';

/** The rejections that nobody handled during a test. In a service each of them ends the process. */
export function unhandledRejections(): unknown[] {
  const seen: unknown[] = [];
  const add = (reason: unknown): void => {
    seen.push(reason);
  };
  beforeEach(() => {
    seen.length = 0;
    process.on('unhandledRejection', add);
  });
  afterEach(() => {
    process.off('unhandledRejection', add);
  });
  return seen;
}

/** Resolves when every rejection that was there before has been reported, if nobody handled it. */
export const rejectionsReported = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

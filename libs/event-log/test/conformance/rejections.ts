import { afterEach, beforeEach } from 'vitest';

/** The unhandled rejections during a test. In a service each of them would end the process. */
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

/** Resolves when every earlier rejection that is unhandled has been reported. */
export const rejectionsReported = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

/** Has something done later, once; @returns what takes that back. */
export type Timer = (ms: number, then: () => void) => () => void;

export const systemTimer: Timer = (ms, then) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

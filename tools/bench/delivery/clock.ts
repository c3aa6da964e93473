/** Milliseconds on a clock that all processes of this machine share, finer than a millisecond. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

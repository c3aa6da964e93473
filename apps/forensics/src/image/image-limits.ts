/** Where a picture's measurements begin to mean something. Set on generated scans; the benchmark measures them on others. */
export const imageLimits = {
  /** Levels of noise below which areas cannot be told apart, as on pages that no camera saw. */
  leastNoise: 1.5,
  /** An area is too smooth below this part of the page's noise. */
  smooth: 0.3,
  /** Fewest blocks of 16 pixels that are too smooth and touch each other. */
  blocks: 6,
  /** Dents in the histograms that the picture does not account for. */
  doubleCompression: 0.12,
};

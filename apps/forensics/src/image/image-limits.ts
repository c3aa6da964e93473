/** From where on a measurement is a finding. Set on generated scans; the benchmark measures them on other scans. */
export const imageLimits = {
  /** Levels of noise below which areas cannot be compared, as on pages that were not scanned. */
  minimumNoise: 1.5,
  /** An area is too smooth below this ratio of its noise to that of the page. */
  smooth: 0.3,
  /** Minimum number of adjacent blocks of 16 pixels in a smooth area. */
  blocks: 6,
  /** A picture above this excess of dents in its histograms was compressed twice. */
  doubleCompression: 0.12,
};

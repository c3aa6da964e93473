/** Addresses of the jobs that this library brings: what `Sandbox.run` takes as `job`. */
export const jobAddresses = {
  inspect: new URL('./inspect.job.ts', import.meta.url),
  raster: new URL('./raster.job.ts', import.meta.url),
  readPdf: new URL('./read-pdf.job.ts', import.meta.url),
} as const;

/** The modules of this library's jobs, for `job` of `Sandbox.run`. */
export const jobUrls = {
  inspect: new URL('./inspect.job.ts', import.meta.url),
  raster: new URL('./raster.job.ts', import.meta.url),
  readPdf: new URL('./read-pdf.job.ts', import.meta.url),
  unpack: new URL('./unpack.job.ts', import.meta.url),
} as const;

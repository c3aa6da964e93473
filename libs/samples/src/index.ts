export { generate } from './generate.ts';
export type { Degradation, Sample, SampleKind, SampleOptions, Tampering, Truth } from './sample.ts';
export { between, pick, type Random, seeded } from './random.ts';
export { zipOf, type ZipFileEntry } from './zip.ts';
export type { Language } from './names-and-formats.ts';

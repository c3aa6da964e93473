import { z } from 'zod';

const Area = z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() });

/** The measurements of a picture, made in a sandboxed process. */
export const ImageMeasurements = z.object({
  /** Of the examined picture, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Median noise, in levels. */
  noise: z.number(),
  smooth: z.array(z.object({ area: Area, ratio: z.number(), blocks: z.int() })),
  /** Null where there is none, or the picture has too little noise to compare. */
  copy: z.object({ places: z.tuple([Area, Area]), votes: z.int() }).nullable(),
  jpeg: z
    .object({
      quality: z.number().nullable(),
      standardTable: z.boolean(),
      trailing: z.int(),
      doubleCompression: z.number().nullable(),
    })
    .nullable(),
  software: z.string().nullable(),
});
export type ImageMeasurements = z.infer<typeof ImageMeasurements>;

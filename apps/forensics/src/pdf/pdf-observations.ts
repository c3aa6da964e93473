import { Box } from '@casewire/contracts';
import { z } from 'zod';

/** The observations on a PDF, made in a sandboxed process. */
export const PdfObservations = z.object({
  /** Ends of all revisions but the last, as offsets into the file. */
  earlierEnds: z.array(z.int()),
  /** Bytes after the last end-of-file marker. */
  trailing: z.int(),
  active: z.array(z.string()),
  xmpTool: z.string().nullable(),
  producer: z.string(),
  creator: z.string(),
  /** In the format of PDF: D:YYYYMMDDhhmmss. */
  created: z.string(),
  modified: z.string(),
  pages: z.array(
    z.object({
      page: z.int().positive(),
      overlays: z.array(
        z.object({
          box: Box,
          hidden: z.string(),
          retyped: z.string(),
          hiddenFont: z.string(),
          retypedFont: z.string(),
        }),
      ),
      strayFonts: z.array(
        z.object({ box: Box, text: z.string(), font: z.string(), usual: z.string() }),
      ),
      /** Compared with the first revision. */
      revised: z.array(z.object({ box: Box, before: z.string(), after: z.string() })),
      /** Text that is not painted, on a page that no scan covers. */
      hidden: z.string(),
    }),
  ),
  /** Scans that cover a page; their bytes are the blobs, in this order. */
  scans: z.array(z.object({ page: z.int().positive(), box: Box })),
});
export type PdfObservations = z.infer<typeof PdfObservations>;

import type { Image } from '../image/decoder.ts';
import type { Job } from '../inside/job.ts';
import { JobError } from '../job-error.ts';
import type { PdfDocument } from '../pdf/pdf-document.ts';

export interface InspectArgs {
  mediaType: string;
  pixels: number;
  pages: number;
}

export interface InspectResult {
  pages: number;
  width: number | null;
  height: number | null;
}

/** Checks that the document is not damaged and is within its limits. */
const inspect: Job<InspectArgs, InspectResult> = async ({ args, openPdf, openImage }) => ({
  value:
    args.mediaType === 'application/pdf'
      ? inspectPdf(await openPdf(), args)
      : await inspectImage(await openImage(args.pixels)),
});
export default inspect;

function inspectPdf(document: PdfDocument, args: InspectArgs): InspectResult {
  const { pages } = document;
  if (pages > args.pages) {
    throw new JobError(
      'DOCUMENT_TOO_MANY_PAGES',
      `the PDF has ${pages} pages; ${args.pages} are allowed`,
    );
  }
  for (let number = 1; number <= pages; number++) {
    if (document.page(number)) return { pages, width: null, height: null };
  }
  throw new JobError('DOCUMENT_UNREADABLE', 'no page of the PDF can be opened');
}

async function inspectImage(image: Image): Promise<InspectResult> {
  await image.verify();
  return { pages: 1, width: image.facts.width, height: image.facts.height };
}

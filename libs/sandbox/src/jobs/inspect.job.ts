import type { Image } from '../image/decoder.ts';
import type { PdfDocument } from '../pdf/pdf-document.ts';
import { type Job, JobError } from '../process/job.ts';

export interface InspectArgs {
  mediaType: string;
  pixels: number;
  pages: number;
}

export interface Inspected {
  pages: number;
  width: number | null;
  height: number | null;
}

/** Sees whether the document is whole and within its limits. */
const inspect: Job<InspectArgs, Inspected> = async ({ args, openPdf, openImage }) => ({
  value:
    args.mediaType === 'application/pdf'
      ? inspectPdf(await openPdf(), args)
      : await inspectImage(await openImage(args.pixels)),
});
export default inspect;

function inspectPdf(document: PdfDocument, args: InspectArgs): Inspected {
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

async function inspectImage(image: Image): Promise<Inspected> {
  await image.verify();
  return { pages: 1, width: image.facts.width, height: image.facts.height };
}

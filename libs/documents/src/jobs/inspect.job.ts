import { type Job, JobError } from '../containment/job.ts';

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
const inspect: Job<InspectArgs, Inspected> = async ({ bytes, args }) => ({
  value:
    args.mediaType === 'application/pdf'
      ? await inspectPdf(bytes, args)
      : await inspectImage(bytes, args),
});
export default inspect;

async function inspectPdf(bytes: Buffer, args: InspectArgs): Promise<Inspected> {
  const { PdfDocument } = await import('../pdf/pdf-document.ts');
  const document = PdfDocument.open(bytes);
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

async function inspectImage(bytes: Buffer, args: InspectArgs): Promise<Inspected> {
  const { Image } = await import('../image/decoder.ts');
  const image = await Image.open(bytes, args.pixels);
  await image.verify();
  return { pages: 1, width: image.facts.width, height: image.facts.height };
}

import { PDFDocument } from 'pdf-lib';

import { drawBankStatement } from './bank-statement.ts';
import { drawBirthCertificate } from './birth-certificate.ts';
import { drawInvoice } from './invoice.ts';
import { drawLegalText, drawLetter } from './letter.ts';
import { drawPassport } from './passport.ts';
import { drawPayslip } from './payslip.ts';
import { type Random, seeded } from './random.ts';
import { rasterize, scan, toJpeg, toPng } from './raster.ts';
import type {
  Degradation,
  Drawing,
  Sample,
  SampleKind,
  SampleOptions,
  Tampering,
} from './sample.ts';
import { copyMove, patch, resave } from './tamper-image.ts';
import { overlay, revise } from './tamper-pdf.ts';

const cardDpi = 300;
const pageDpi = 150;

/**
 * Makes one document with its ground truth. The same kind, seed and options give the same bytes (for JPEG and PNG with the
 * same version of the encoder).
 */
export async function generate(kind: SampleKind, options: SampleOptions): Promise<Sample> {
  const random = seeded(options.seed);
  const language = options.language ?? 'en';
  const degrade = options.degrade ?? {};
  const asPdf = ({ pdf, truth }: Drawing): Sample => ({
    fileName: `${kind}-${options.seed}.pdf`,
    mediaType: 'application/pdf',
    bytes: pdf,
    truth,
  });
  const asImage = async (
    { truth }: Drawing,
    raster: Parameters<typeof toPng>[0],
    tampered?: Tampering,
  ): Promise<Sample> => {
    const png = options.seed % 2 === 1;
    return {
      fileName: `${kind}-${options.seed}.${png ? 'png' : 'jpg'}`,
      mediaType: png ? 'image/png' : 'image/jpeg',
      bytes: png ? await toPng(raster) : await toJpeg(raster, tampered ? 92 : 88),
      truth: tampered ? { ...truth, tampered } : truth,
    };
  };
  const scanned = async (drawing: Drawing, dpi: number, noise = degrade.noise) =>
    scan(
      await rasterize(drawing.pdf, dpi),
      random,
      noise === undefined ? degrade : { ...degrade, noise },
    );

  const makers: Record<SampleKind, () => Promise<Sample>> = {
    passport: async () => {
      const drawing = await drawPassport(random);
      return asImage(drawing, await scanned(drawing, cardDpi));
    },
    payslip: async () => {
      const drawing = await drawPayslip(random, language);
      return asImage(drawing, await scanned(drawing, pageDpi));
    },
    payslip_pdf: async () => {
      const drawing = await drawPayslip(random, language);
      return asPdf({ ...drawing, pdf: await imageOnly(drawing, random, degrade) });
    },
    bank_statement: async () => asPdf(await drawBankStatement(random, language)),
    invoice: async () => asPdf(await drawInvoice(random, language)),
    birth_certificate: async () => asPdf(await drawBirthCertificate(random)),
    birth_certificate_image: async () => {
      const drawing = await drawBirthCertificate(random);
      return asImage(drawing, await scanned(drawing, pageDpi));
    },
    letter: async () => asPdf(await drawLetter(random)),
    legal_text: async () => asPdf(await drawLegalText(random)),
    passport_copy_move: async () => {
      const drawing = await drawPassport(random);
      const page = await scanned(drawing, cardDpi, degrade.noise ?? 5);
      const moved = copyMove(page, [0.31, 0.31, 0.62, 0.36], random);
      return asImage(drawing, moved.raster, { method: 'copy_move', page: 1, box: moved.box });
    },
    payslip_patch: async () => {
      const drawing = await drawPayslip(random, language);
      const page = await scanned(drawing, pageDpi, degrade.noise ?? 5);
      // The same size as the scan, without its noise.
      const clean = await scanned(drawing, pageDpi, 0);
      const patched = patch(page, clean, drawing.netPay);
      return asImage(drawing, patched.raster, { method: 'patch', page: 1, box: patched.box });
    },
    payslip_resaved: async () => {
      const drawing = await drawPayslip(random, language);
      const page = await scanned(drawing, pageDpi, degrade.noise ?? 5);
      const resaved = await resave(page, drawing.netPay);
      return asImage(drawing, resaved.raster, { method: 'resaved', page: 1, box: resaved.box });
    },
    bank_statement_overlay: async () => {
      const drawing = await drawBankStatement(random, language);
      const { area, box, text } = drawing.closing;
      const raised = text.replace(/^\d/, (first) => String((Number(first) % 9) + 1));
      const { truth, ...sample } = asPdf({
        ...drawing,
        pdf: await overlay(drawing.pdf, area, raised),
      });
      // The ground truth is the shown balance.
      const shown = truth.fields.closing_balance!.replace(/^\d/, raised[0]!);
      return {
        ...sample,
        truth: {
          ...truth,
          fields: { ...truth.fields, closing_balance: shown },
          text: [...truth.text.slice(0, -1), raised],
          tampered: { method: 'overlay', page: 1, box },
        },
      };
    },
    bank_statement_revised: async () => {
      const original = await drawBankStatement(random, language);
      const edited = await drawBankStatement(seeded(options.seed), language, {
        closingBy: 250_000,
      });
      const sample = asPdf({ ...edited, pdf: revise(original.pdf, edited.pdf) });
      const { box } = edited.closing;
      return {
        ...sample,
        truth: { ...sample.truth, tampered: { method: 'revision', page: 1, box } },
      };
    },
  };
  return makers[kind]();
}

/** A PDF whose only page is one scanned image. */
async function imageOnly(drawing: Drawing, random: Random, degrade: Degradation): Promise<Buffer> {
  const page = await scan(await rasterize(drawing.pdf, pageDpi), random, degrade);
  const document = await PDFDocument.create();
  const scannedAt = new Date(Date.UTC(2026, 0, 15));
  document.setProducer('ScanDesk 4.1');
  document.setCreator('ScanDesk 4.1');
  document.setCreationDate(scannedAt);
  document.setModificationDate(scannedAt);
  const image = await document.embedJpg(await toJpeg(page));
  const scale = 72 / page.dpi;
  const [width, height] = [image.width * scale, image.height * scale];
  document.addPage([width, height]).drawImage(image, { x: 0, y: 0, width, height });
  return Buffer.from(await document.save({ useObjectStreams: false }));
}

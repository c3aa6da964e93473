import {
  addressOf,
  companies,
  fullName,
  type Language,
  longDate,
  person,
} from './names-and-formats.ts';
import { a4, PdfPage } from './pdf-page.ts';
import { between, day, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';

const sentences = {
  en: [
    'We write to let you know that the works in the courtyard will begin on the first Monday of next month.',
    'Scaffolding will stand along the north side for about six weeks, and the garden gate stays locked during that time.',
    'Please keep the windows on that side closed between eight in the morning and five in the afternoon.',
    'The caretaker will call on every household before the end of the week to answer your questions.',
    'Bicycles that are left in the passage will be moved to the cellar, where they can be collected at any hour.',
    'We thank you for your patience and hope that the new paving will please everybody.',
    'Should the weather turn, the painters will come a little later than planned.',
    'The trees at the corner will be looked at by a gardener, and none will be felled without notice.',
  ],
  es: [
    'El arrendador cede al arrendatario el uso pacífico de la finca urbana descrita en el expositivo segundo de este contrato.',
    'Las reparaciones necesarias para conservar la vivienda en las condiciones de habitabilidad pactadas serán de cargo del propietario.',
    'El incumplimiento de cualquiera de las obligaciones asumidas facultará a la otra parte para exigir la resolución del vínculo.',
    'La fianza depositada responderá de los desperfectos que excedan del desgaste ordinario derivado del uso diligente.',
    'Ambas partes renuncian expresamente al fuero que pudiera corresponderles y se someten a los juzgados de la capital.',
    'Queda prohibido el subarriendo total o parcial sin consentimiento previo otorgado fehacientemente por escrito.',
    'Los suministros contratados se domiciliarán en una entidad elegida libremente por quien ocupe el inmueble.',
    'Transcurrido el plazo inicial, el acuerdo se prorrogará tácitamente salvo denuncia anticipada de alguno de los firmantes.',
  ],
};

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const order = values.map((value) => ({ value, at: random() }));
  return order.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
}

/** A letter that belongs to no known type of document. */
export const drawLetter = (random: Random): Promise<Drawing> =>
  drawProse(random, 'en', (page, body) => {
    page.text(pick(random, companies.en), 60, 70, 15, 'sansBold');
    page.text(addressOf(random, 'en'), 60, 88, 9.5);
    page.text(longDate(day(random, 2024, 2026), 'en'), 60, 130, 11, 'serif');
    page.text(`Dear ${fullName(person(random, 'en'), 'en')},`, 60, 164, 11, 'serif');
    const y = body(190);
    page.text('Yours sincerely,', 60, y + 20, 11, 'serif');
    page.text(fullName(person(random, 'en'), 'en'), 60, y + 64, 11, 'serif');
  });

/** A Spanish contract: the glossary of certificates does not cover its text. */
export const drawLegalText = (random: Random): Promise<Drawing> =>
  drawProse(random, 'es', (page, body) => {
    page.text('CONTRATO DE ARRENDAMIENTO DE VIVIENDA', 110, 80, 15, 'serifBold');
    page.text(`Cláusula ${between(random, 2, 19)}`, 60, 120, 12, 'serifBold');
    body(150);
  });

async function drawProse(
  random: Random,
  language: Language,
  draw: (page: PdfPage, body: (y: number) => number) => void,
): Promise<Drawing> {
  const created = day(random, 2024, 2026);
  const page = await PdfPage.create({ size: a4, title: 'Document', producer: 'Writer 7', created });
  draw(page, (y) => {
    const order = shuffled(random, sentences[language]);
    y = page.paragraph(order.slice(0, 3).join(' '), 60, y, 470) + 12;
    return page.paragraph(order.slice(3).join(' '), 60, y, 470);
  });
  return {
    pdf: await page.bytes(),
    truth: { documentType: 'unknown', language, text: page.printed, fields: {} },
  };
}

import { passportLines } from './machine-readable-zone.ts';
import { isoDate, person, shortDate, towns } from './names-and-formats.ts';
import { PdfPage } from './pdf-page.ts';
import { between, day, digits, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';

const states = [
  { code: 'GBR', name: 'UNITED KINGDOM', nationality: 'BRITISH CITIZEN', language: 'en' },
  { code: 'IRL', name: 'IRELAND', nationality: 'IRISH', language: 'en' },
  { code: 'ESP', name: 'ESPAÑA', nationality: 'ESPAÑOLA', language: 'es' },
] as const;

/** The data page of a passport, 125 by 88 mm, with a photograph and a valid machine-readable zone. */
export async function drawPassport(random: Random): Promise<Drawing> {
  const state = pick(random, states);
  const holder = person(random, state.language);
  const birth = day(random, 1950, 2004);
  const issue = day(random, 2019, 2024);
  const expiry = new Date(
    Date.UTC(issue.getUTCFullYear() + 10, issue.getUTCMonth(), issue.getUTCDate() - 1),
  );
  const documentNumber = pick(random, ['L', 'P', 'X', 'K']) + digits(random, 8);
  const surname = holder.surnames
    .slice(0, state.language === 'es' ? 2 : 1)
    .join(' ')
    .toUpperCase();
  const givenNames = holder.givenNames.toUpperCase();
  const birthPlace = pick(random, towns[state.language]).toUpperCase();

  const page = await PdfPage.create({
    size: [354, 250],
    title: 'Passport',
    producer: 'Casewire samples',
    created: issue,
  });
  page.paint({ x: 0, y: 0, width: 354, height: 250 }, [0.93, 0.94, 0.96]);
  for (let i = 0; i < 26; i++) page.wave(i * 8, i / 3, [0.8, 0.86, 0.92]);
  drawPortrait(page, random);
  page.text('PASSPORT', 112, 20, 10, 'sansBold');
  page.text(state.name, 212, 20, 10, 'sansBold');
  const field = (label: string, value: string, x: number, y: number) => {
    page.text(label, x, y - 9, 5.2);
    page.text(value, x, y, 7.8, 'sansBold');
  };
  field('Type', 'P', 112, 44);
  field('Code of State', state.code, 160, 44);
  field('Passport No.', documentNumber, 250, 44);
  field('Surname', surname, 112, 66);
  field('Given names', givenNames, 112, 88);
  field('Nationality', state.nationality, 112, 110);
  field('Date of birth', shortDate(birth).toUpperCase(), 112, 132);
  field('Sex', holder.sex, 200, 132);
  field('Place of birth', birthPlace, 240, 132);
  field('Date of issue', shortDate(issue).toUpperCase(), 112, 154);
  field('Authority', 'PASSPORT OFFICE', 240, 154);
  field('Date of expiry', shortDate(expiry).toUpperCase(), 112, 176);
  page.paint({ x: 0, y: 198, width: 354, height: 52 }, [0.975, 0.975, 0.96]);
  const zone = passportLines({
    issuer: state.code,
    surname,
    givenNames,
    documentNumber,
    nationality: state.code,
    birth,
    sex: holder.sex,
    expiry,
  });
  zone.forEach((line, i) => page.text(line, 14, 218 + i * 18, 12.3, 'mono'));

  return {
    pdf: await page.bytes(),
    truth: {
      documentType: 'passport',
      language: 'en',
      text: page.printed,
      fields: {
        surname,
        given_names: givenNames,
        document_number: documentNumber,
        nationality: state.code,
        issuing_country: state.code,
        date_of_birth: isoDate(birth),
        date_of_issue: isoDate(issue),
        date_of_expiry: isoDate(expiry),
        sex: holder.sex,
        place_of_birth: birthPlace,
      },
    },
  };
}

function drawPortrait(page: PdfPage, random: Random): void {
  page.paint({ x: 14, y: 40, width: 84, height: 112 }, [0.78, 0.74, 0.68]);
  const tone = 0.35 + random() * 0.3;
  page.paint({ x: 24, y: 110, width: 64, height: 42 }, [tone / 2, tone / 2, tone]);
  for (let radius = 1; radius < 24; radius += 1.5)
    page.circle(56, 84, radius, [tone, tone * 0.8, tone * 0.7]);
  page.circle(48 + between(random, 0, 2), 80, 2, [0.1, 0.1, 0.1]);
  page.circle(62 + between(random, 0, 2), 80, 2, [0.1, 0.1, 0.1]);
}

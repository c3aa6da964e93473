import type { Random } from './random.ts';
import { between, pick } from './random.ts';

export type Language = 'en' | 'es';

export interface Person {
  givenNames: string;
  surnames: [string, string];
  sex: 'F' | 'M';
}

const given = {
  en: {
    F: [
      'Margaret',
      'Harriet',
      'Niamh',
      'Grace',
      'Olivia',
      'Charlotte',
      'Ruth',
      'Imogen',
      'Beatrice',
    ],
    M: ['Daniel', 'Thomas', 'Edward', 'Callum', 'George', 'Rupert', 'Samuel', 'Victor', 'Walter'],
  },
  es: {
    F: ['María de los Ángeles', 'Begoña', 'Lucía', 'Inés', 'Carmen', 'Sofía', 'Rocío', 'Pilar'],
    M: ['José Antonio', 'Íñigo', 'Andrés', 'Javier', 'Ángel', 'Raúl', 'Tomás', 'Álvaro'],
  },
};

const surnames = {
  en: [
    'Abernathy',
    'Osei',
    'Whitfield',
    'Harland',
    'Kerrigan',
    'Penrose',
    'Drummond',
    'Fairley',
    'Hollis',
    'Mercer',
    'Quigley',
    'Thornton',
  ],
  es: [
    'Muñoz',
    'Ibáñez',
    'Güell',
    'Núñez',
    'Acuña',
    'Pérez',
    'Castaño',
    'Serrano',
    'Domínguez',
    'Robles',
    'Vázquez',
    'Ordóñez',
  ],
};

export const towns = {
  en: ['Portsmouth', 'Leicester', 'Swansea', 'Dundee', 'Norwich', 'Harrogate', 'Exeter'],
  es: ['Cádiz', 'Jerez de la Frontera', 'San Fernando', 'Málaga', 'León', 'Ávila', 'Almería'],
};

export const streets = {
  en: ['Harbour Street', 'Queens Crescent', 'Mill Lane', 'Station Road', 'Abbey Terrace'],
  es: ['Calle Mayor', 'Avenida de la Marina', 'Plaza del Carmen', 'Calle de la Luna'],
};

export const companies = {
  en: [
    'Acme Logistics Ltd',
    'Northwind Housing Ltd',
    'Brightwater Foods plc',
    'Halden Engineering Ltd',
    'Orchard Street Dental Ltd',
  ],
  es: [
    'Transportes del Sur S.L.',
    'Conservas La Bahía S.A.',
    'Talleres Montoro S.L.',
    'Clínica Alameda S.L.',
  ],
};

export function person(random: Random, language: Language, sex?: 'F' | 'M'): Person {
  const chosen = sex ?? pick(random, ['F', 'M'] as const);
  return {
    givenNames: pick(random, given[language][chosen]),
    surnames: [pick(random, surnames[language]), pick(random, surnames[language])],
    sex: chosen,
  };
}

/** The full name: one surname in English, two in Spanish. */
export const fullName = (who: Person, language: Language): string =>
  [who.givenNames, ...who.surnames.slice(0, language === 'es' ? 2 : 1)].join(' ');

export const addressOf = (random: Random, language: Language): string =>
  language === 'en'
    ? `${between(random, 1, 220)} ${pick(random, streets.en)}, ${pick(random, towns.en)}`
    : `${pick(random, streets.es)} ${between(random, 1, 220)}, ${pick(random, towns.es)}`;

/** Cents as a printed amount: 1,234.56 or 1.234,56. */
export function amount(value: number, language: Language): string {
  const [whole, fraction] = (Math.abs(value) / 100).toFixed(2).split('.') as [string, string];
  const [thousands, point] = language === 'en' ? [',', '.'] : ['.', ','];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return `${value < 0 ? '-' : ''}${grouped}${point}${fraction}`;
}

/** Cents as an amount of the ground truth: 1234.56. */
export const plainAmount = (value: number): string => (value / 100).toFixed(2);

export const isoDate = (date: Date): string => date.toISOString().slice(0, 10);

export const months = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  es: [
    'enero',
    'febrero',
    'marzo',
    'abril',
    'mayo',
    'junio',
    'julio',
    'agosto',
    'septiembre',
    'octubre',
    'noviembre',
    'diciembre',
  ],
};

const two = (value: number) => String(value).padStart(2, '0');

/** 28/09/2026: day first in both languages. */
export const slashDate = (date: Date): string =>
  `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;

/** 12 Aug 2026. */
export const shortDate = (date: Date): string =>
  `${two(date.getUTCDate())} ${months.en[date.getUTCMonth()]!.slice(0, 3)} ${date.getUTCFullYear()}`;

/** 12 October 2026, or 12 de octubre de 2026. */
export const longDate = (date: Date, language: Language): string => {
  const month = months[language][date.getUTCMonth()];
  return language === 'en'
    ? `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`
    : `${date.getUTCDate()} de ${month} de ${date.getUTCFullYear()}`;
};

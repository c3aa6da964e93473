const small = [
  'cero',
  'uno',
  'dos',
  'tres',
  'cuatro',
  'cinco',
  'seis',
  'siete',
  'ocho',
  'nueve',
  'diez',
  'once',
  'doce',
  'trece',
  'catorce',
  'quince',
  'dieciséis',
  'diecisiete',
  'dieciocho',
  'diecinueve',
  'veinte',
  'veintiuno',
  'veintidós',
  'veintitrés',
  'veinticuatro',
  'veinticinco',
  'veintiséis',
  'veintisiete',
  'veintiocho',
  'veintinueve',
];
const tens = [
  '',
  '',
  '',
  'treinta',
  'cuarenta',
  'cincuenta',
  'sesenta',
  'setenta',
  'ochenta',
  'noventa',
];
const hundreds = [
  '',
  'ciento',
  'doscientos',
  'trescientos',
  'cuatrocientos',
  'quinientos',
  'seiscientos',
  'setecientos',
  'ochocientos',
  'novecientos',
];

/** A whole number from 0 to 2999 in Spanish words, as in the dates of certificates. */
export function inSpanish(value: number): string {
  if (value < 30) return small[value]!;
  if (value < 100) {
    const unit = value % 10;
    return tens[Math.floor(value / 10)]! + (unit ? ` y ${small[unit]}` : '');
  }
  if (value === 100) return 'cien';
  if (value < 1000) {
    return [hundreds[Math.floor(value / 100)], value % 100 ? inSpanish(value % 100) : '']
      .filter(Boolean)
      .join(' ');
  }
  const thousands =
    Math.floor(value / 1000) === 1 ? 'mil' : `${small[Math.floor(value / 1000)]} mil`;
  return value % 1000 ? `${thousands} ${inSpanish(value % 1000)}` : thousands;
}

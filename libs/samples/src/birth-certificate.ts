import { fullName, isoDate, longDate, months, person, towns } from './names-and-formats.ts';
import { a4, PdfPage } from './pdf-page.ts';
import { between, day, digits, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';
import { inSpanish } from './spanish-numbers.ts';

const trades = {
  M: ['albañil', 'maestro', 'pescador', 'carpintero', 'médico'],
  F: ['enfermera', 'maestra', 'abogada', 'panadera', 'arquitecta'],
};

/** A Spanish full certificate of birth on A4, with dates in words as in the register. */
export async function drawBirthCertificate(random: Random): Promise<Drawing> {
  const child = person(random, 'es');
  const father = person(random, 'es', 'M');
  const mother = person(random, 'es', 'F');
  child.surnames = [father.surnames[0], mother.surnames[0]];
  const town = pick(random, towns.es);
  const birth = day(random, 1965, 2015);
  const hour = between(random, 2, 23);
  const minute = pick(random, [0, 5, 15, 20, 30, 45]);
  const issued = day(random, 2023, 2026);
  const volume = digits(random, 5);
  const pageNumber = digits(random, 3);
  const married = random() < 0.7;
  const ending = child.sex === 'F' ? 'a' : 'o';
  const place = `Hospital Universitario, ${town}`;
  const registrar = fullName(person(random, 'es', 'M'), 'es');

  const page = await PdfPage.create({
    size: a4,
    title: 'Certificación literal de nacimiento',
    producer: 'Registro Civil',
    created: issued,
  });
  page.paint({ x: 0, y: 0, width: 595, height: 842 }, [0.97, 0.95, 0.89]);
  page.frame({ x: 22, y: 22, width: 551, height: 798 }, [0.48, 0.36, 0.18]);
  page.text('MINISTERIO DE JUSTICIA', 205, 64, 14, 'serifBold');
  page.text(`REGISTRO CIVIL DE ${town.toUpperCase()}`, 200, 86, 13, 'serifBold');
  page.text('CERTIFICACIÓN LITERAL DE NACIMIENTO', 140, 122, 15, 'serifBold');
  const parent = (who: typeof father, birthplace: string) => {
    const [o, born] = who.sex === 'M' ? ['o', 'Nacido'] : ['a', 'Nacida'];
    return [
      `Nombre: ${fullName(who, 'es')}`,
      `${born} en ${birthplace}, el ${longDate(day(random, 1930, 1960), 'es')}`,
      `Estado civil: ${married ? 'casad' : 'solter'}${o}`,
      'Nacionalidad: española',
      `Profesión: ${pick(random, trades[who.sex])}`,
    ];
  };
  const minutes = minute ? ` y ${inSpanish(minute)} minutos` : '';
  const lines = [
    `Sección 1.ª, Tomo ${volume}, Página ${pageNumber}, Folio ${between(random, 1, 90)}`,
    '',
    '# DATOS DEL INSCRITO',
    `Nombre: ${child.givenNames}`,
    `Primer apellido: ${child.surnames[0]}`,
    `Segundo apellido: ${child.surnames[1]}`,
    `Sexo: ${child.sex === 'F' ? 'Mujer' : 'Varón'}`,
    `Hora de nacimiento: las ${inSpanish(hour).replace(/uno$/, 'una')} horas${minutes}`,
    `Día: ${inSpanish(birth.getUTCDate())}   Mes: ${months.es[birth.getUTCMonth()]}   Año: ${inSpanish(birth.getUTCFullYear())}`,
    `Lugar: ${place}`,
    '',
    '# DATOS DEL PADRE',
    ...parent(father, pick(random, towns.es)),
    '',
    '# DATOS DE LA MADRE',
    ...parent(mother, pick(random, towns.es)),
    '',
    'La presente certificación se expide al amparo del artículo diecisiete',
    `de la Ley del Registro Civil, a petición ${ending === 'a' ? 'de la interesada' : 'del interesado'}, y contiene`,
    'la reproducción íntegra del asiento correspondiente.',
    married
      ? `¿Existe matrimonio de los padres? Sí, celebrado el ${longDate(day(random, 1955, 1964), 'es')}.`
      : '¿Existe matrimonio de los padres? No.',
    '',
    `${town}, a ${inSpanish(issued.getUTCDate())} de ${months.es[issued.getUTCMonth()]} de ${inSpanish(issued.getUTCFullYear())}.`,
    `El Encargado del Registro Civil, D. ${registrar}`,
  ];
  let y = 162;
  for (const line of lines) {
    if (line.startsWith('# ')) page.text(line.slice(2), 64, y, 11.5, 'serifBold');
    else if (line) page.text(line, 64, y, 11.5, 'serif');
    y += line ? 19.5 : 13;
  }
  page.circle(470, 742, 44, [0.25, 0.3, 0.65]);
  page.circle(470, 742, 34, [0.25, 0.3, 0.65]);

  return {
    pdf: await page.bytes(),
    truth: {
      documentType: 'birth_certificate',
      language: 'es',
      text: page.printed,
      fields: {
        given_names: child.givenNames,
        first_surname: child.surnames[0],
        second_surname: child.surnames[1],
        sex: child.sex,
        date_of_birth: isoDate(birth),
        time_of_birth: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
        place_of_birth: place,
        father_name: fullName(father, 'es'),
        mother_name: fullName(mother, 'es'),
        volume,
        page: pageNumber,
        issued_on: isoDate(issued),
      },
    },
  };
}

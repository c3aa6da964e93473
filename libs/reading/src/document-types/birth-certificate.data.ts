import type { DocumentTypeRules } from './document-type-rules.ts';

/** A birth certificate, as the Spanish civil registry issues it. */
export const birthCertificate: DocumentTypeRules = {
  anchors: [
    {
      name: 'certificate heading',
      pattern:
        /\b(certificate of birth|birth certificate|certificacion (literal |en extracto )?de nacimiento|partida de nacimiento)\b/,
      weight: 5,
      heading: true,
    },
    {
      name: 'register',
      pattern: /\b(registro civil|registrar|register office|registration district)\b/,
      weight: 1.5,
    },
    {
      name: 'parents',
      pattern:
        /\b(datos (del padre|de la madre)|name of (father|mother)|father'?s name|mother'?s name)\b/,
      weight: 1.5,
    },
    {
      name: 'the registered',
      pattern: /\b(datos del inscrito|primer apellido|segundo apellido)\b/,
      weight: 1.25,
    },
    { name: 'volume and page', pattern: /\b(tomo|folio)\b/, weight: 0.75 },
    {
      name: 'time of birth',
      pattern: /\b(hora de nacimiento|time of birth|date and place of birth)\b/,
      weight: 1,
    },
  ],
  sections: {
    registered: /^datos del inscrito/,
    father: /^datos del padre/,
    mother: /^datos de la madre/,
    clauses: /^la presente certificacion/,
  },
  otherLabels: [/\b(folio|mes|ano|seccion|estado civil|nacionalidad|profesion)\b/],
  fields: [
    {
      name: 'given_names',
      kind: 'name',
      label: /^(nombre|given names?)\b:?/,
      section: 'registered',
    },
    { name: 'first_surname', kind: 'name', label: /^primer apellido\b:?/, section: 'registered' },
    { name: 'second_surname', kind: 'name', label: /^segundo apellido\b:?/, section: 'registered' },
    { name: 'sex', kind: 'sex', label: /^(sexo|sex)\b:?/, section: 'registered' },
    {
      name: 'date_of_birth',
      kind: 'date',
      label: /^(dia|fecha de nacimiento|date of birth)\b:?/,
      section: 'registered',
    },
    {
      name: 'time_of_birth',
      kind: 'time',
      label: /^hora( de nacimiento)?\b:?/,
      section: 'registered',
    },
    {
      name: 'place_of_birth',
      kind: 'text',
      label: /^(lugar( de nacimiento)?|place of birth)\b:?/,
      section: 'registered',
    },
    { name: 'father_name', kind: 'name', label: /^nombre\b:?/, section: 'father' },
    { name: 'mother_name', kind: 'name', label: /^nombre\b:?/, section: 'mother' },
    { name: 'volume', kind: 'code', label: /\btomo\b:?/, shape: /^\d{1,6}$/ },
    { name: 'page', kind: 'code', label: /\bpagina\b:?/, shape: /^\d{1,5}$/ },
    { name: 'issued_on', kind: 'date', label: /^[a-z ]+, a (?=[a-z]+)/, section: 'clauses' },
  ],
  dateOrder: ['date_of_birth', 'issued_on'],
};

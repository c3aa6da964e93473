import type { DocumentTypeRules } from './document-type-rules.ts';

/** The data page of a passport. Its machine-readable zone repeats some of the printed fields: `mrz-fields.ts` compares them. */
export const passport: DocumentTypeRules = {
  anchors: [
    {
      name: 'passport heading',
      pattern: /\b(passport|pasaporte|passeport|reisepass)\b/,
      weight: 3,
      heading: true,
    },
    { name: 'passport number', pattern: /\bpassport (no|number|nr)\b|\bpasaporte n/, weight: 1.5 },
    { name: 'given names', pattern: /\b(given names?|prenoms|nombres?)\b\s*(\/|$)/, weight: 0.75 },
    {
      name: 'nationality',
      pattern: /\b(nationality|nacionalidad|nationalite)\b\s*(\/|$)/,
      weight: 0.5,
    },
    { name: 'place of birth', pattern: /\b(place of birth|lugar de nacimiento)\b/, weight: 0.5 },
    {
      name: 'date of expiry',
      pattern: /\b(date of expiry|fecha de caducidad|expiration date)\b/,
      weight: 0.75,
    },
    {
      name: 'issuing authority',
      pattern: /\b(authority|autoridad|code of state|issuing state)\b/,
      weight: 0.5,
    },
  ],
  hasMrz: true,
  otherLabels: [/\b(type|tipo|code of state|authority|autoridad|personal no)\b/],
  fields: [
    { name: 'surname', kind: 'name', label: /^(surname|apellidos?|nom)\b.*$/, place: 'below' },
    {
      name: 'given_names',
      kind: 'name',
      label: /^(given names?|nombres?|prenoms)\b.*$/,
      place: 'below',
    },
    {
      name: 'document_number',
      kind: 'code',
      label: /\b(passport|pasaporte) n(o|um)?\b\.?/,
      place: 'below',
      shape: /^[A-Z0-9]{6,9}$/,
    },
    {
      name: 'date_of_birth',
      kind: 'date',
      label: /\b(date of birth|fecha de nacimiento)\b/,
      place: 'below',
    },
    { name: 'sex', kind: 'sex', label: /\b(sex|sexo)\b/, place: 'below' },
    {
      name: 'place_of_birth',
      kind: 'name',
      label: /\b(place of birth|lugar de nacimiento)\b/,
      place: 'below',
    },
    {
      name: 'date_of_issue',
      kind: 'date',
      label: /\b(date of issue|fecha de expedicion)\b/,
      place: 'below',
    },
    {
      name: 'date_of_expiry',
      kind: 'date',
      label: /\b(date of expiry|fecha de caducidad)\b/,
      place: 'below',
    },
  ],
  dateOrder: ['date_of_birth', 'date_of_issue', 'date_of_expiry'],
};

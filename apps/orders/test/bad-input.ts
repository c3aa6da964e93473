/** A body, or a path with its query, that an order API refuses, and the field that it names. */
export type BadInput = readonly [name: string, input: unknown, field: string];

const long = (length: number) => 'x'.repeat(length);
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const entries = (count: number) => Object.fromEntries(many(count, (n) => [`k${n}`, n]));

const order = { templateId: 'casewire.income' };
const employer = { name: 'Acme' };

/** Bodies of POST /orders/v1/orders. */
export const badOrders: BadInput[] = [
  ['no template', {}, 'templateId'],
  ['a template that is a number', { templateId: 7 }, 'templateId'],
  ['a template with capitals', { templateId: 'Income' }, 'templateId'],
  ['a template with a prefix of another kind', { templateId: 'acme.income' }, 'templateId'],
  ['a template of 64 characters', { templateId: long(64) }, 'templateId'],
  ['an unknown template', { templateId: 'unknown' }, 'templateId'],
  ['an unknown template of the platform', { templateId: 'casewire.unknown' }, 'templateId'],
  ['version 0', { ...order, templateVersion: 0 }, 'templateVersion'],
  ['a version as text', { ...order, templateVersion: '1' }, 'templateVersion'],
  ['half a version', { ...order, templateVersion: 1.5 }, 'templateVersion'],
  ['an unknown version', { ...order, templateVersion: 9 }, 'templateVersion'],
  ['a version above all integers', { ...order, templateVersion: 2 ** 40 }, 'templateVersion'],
  ['an unknown field', { ...order, colour: 'red' }, 'colour'],
  ['a user of text', { ...order, user: 'Ana' }, 'user'],
  ['an empty user', { ...order, user: {} }, 'user'],
  ['an unknown field of the user', { ...order, user: { name: 'Ana', age: 4 } }, 'user.age'],
  ['an empty id of the user', { ...order, user: { externalId: '' } }, 'user.externalId'],
  [
    'an id of the user of 129 characters',
    { ...order, user: { externalId: long(129) } },
    'user.externalId',
  ],
  ['an empty name of the user', { ...order, user: { name: '' } }, 'user.name'],
  ['a name of the user of 201 characters', { ...order, user: { name: long(201) } }, 'user.name'],
  ['a name with NUL', { ...order, user: { name: 'A\0' } }, 'user.name'],
  ['a name with half a surrogate pair', { ...order, user: { name: '\ud800' } }, 'user.name'],
  ['an address without @', { ...order, user: { email: 'ana' } }, 'user.email'],
  [
    'an address of 255 characters',
    { ...order, user: { email: `${long(243)}@example.com` } },
    'user.email',
  ],
  ['an empty telephone number', { ...order, user: { phone: '' } }, 'user.phone'],
  ['a telephone number of 41 characters', { ...order, user: { phone: long(41) } }, 'user.phone'],
  ['metadata of text', { ...order, metadata: 'a' }, 'metadata'],
  ['51 metadata', { ...order, metadata: entries(51) }, 'metadata'],
  ['nested metadata', { ...order, metadata: { a: { b: 1 } } }, 'metadata.a'],
  ['metadata of null', { ...order, metadata: { a: null } }, 'metadata.a'],
  ['metadata of 1025 characters', { ...order, metadata: { a: long(1025) } }, 'metadata.a'],
  ['an empty name of metadata', { ...order, metadata: { '': 1 } }, 'metadata.'],
  [
    'a name of metadata of 65 characters',
    { ...order, metadata: { [long(65)]: 1 } },
    `metadata.${long(65)}`,
  ],
  ['verifications that are no list', { ...order, verifications: {} }, 'verifications'],
  [
    '11 verifications',
    { ...order, verifications: many(11, (n) => ({ name: `v${n}`, employer })) },
    'verifications',
  ],
  [
    'a verification twice',
    { ...order, verifications: many(2, () => ({ name: 'income', employer })) },
    'verifications',
  ],
  [
    'a verification without a name',
    { ...order, verifications: [{ employer }] },
    'verifications.0.name',
  ],
  [
    'a verification with an invalid name',
    { ...order, verifications: [{ name: 'In come', employer }] },
    'verifications.0.name',
  ],
  [
    'a verification that the template does not have',
    {
      ...order,
      verifications: [
        { name: 'income', employer },
        { name: 'assets', employer },
      ],
    },
    'verifications.1.name',
  ],
  [
    'a verification without an employer',
    { ...order, verifications: [{ name: 'income' }] },
    'verifications.0.employer',
  ],
  [
    'an empty employer',
    { ...order, verifications: [{ name: 'income', employer: {} }] },
    'verifications.0.employer',
  ],
  [
    'an unknown field of the employer',
    { ...order, verifications: [{ name: 'income', employer: { ...employer, tax: 1 } }] },
    'verifications.0.employer.tax',
  ],
  [
    'an unknown field of the verification',
    { ...order, verifications: [{ name: 'income', employer, method: 'instant' }] },
    'verifications.0.method',
  ],
  [
    'an id of the employer of 129 characters',
    { ...order, verifications: [{ name: 'income', employer: { externalId: long(129) } }] },
    'verifications.0.employer.externalId',
  ],
  [
    'a name of the employer of 201 characters',
    { ...order, verifications: [{ name: 'income', employer: { name: long(201) } }] },
    'verifications.0.employer.name',
  ],
  ['a correlation id with a space', { ...order, correlationId: 'a b' }, 'correlationId'],
  ['a correlation id of 257 characters', { ...order, correlationId: long(257) }, 'correlationId'],
];

const verification = { name: 'tax', method: 'documents', documentTypes: ['invoice'] };
const template = { id: 'tax', title: 'Tax', verifications: [verification] };
const withVerification = (changes: object) => ({
  ...template,
  verifications: [{ ...verification, ...changes }],
});

/** Bodies of POST /orders/v1/templates; without `id`, of a version as well. */
export const badTemplates: BadInput[] = [
  ['no title', { ...template, title: undefined }, 'title'],
  ['an empty title', { ...template, title: '' }, 'title'],
  ['a title of 201 characters', { ...template, title: long(201) }, 'title'],
  ['an unknown field', { ...template, version: 3 }, 'version'],
  ['no verifications', { ...template, verifications: [] }, 'verifications'],
  [
    '11 verifications',
    { ...template, verifications: many(11, (n) => ({ ...verification, name: `v${n}` })) },
    'verifications',
  ],
  ['a name twice', { ...template, verifications: [verification, verification] }, 'verifications'],
  ['a name that begins with a digit', withVerification({ name: '1st' }), 'verifications.0.name'],
  ['a name of 64 characters', withVerification({ name: long(64) }), 'verifications.0.name'],
  ['an unknown method', withVerification({ method: 'magic' }), 'verifications.0.method'],
  ['no document type', withVerification({ documentTypes: [] }), 'verifications.0.documentTypes'],
  [
    'a document type twice',
    withVerification({ documentTypes: ['invoice', 'invoice'] }),
    'verifications.0.documentTypes',
  ],
  [
    'an unknown document type',
    withVerification({ documentTypes: ['letter'] }),
    'verifications.0.documentTypes.0',
  ],
  [
    'documents that are not classified',
    withVerification({ documentTypes: ['unknown'] }),
    'verifications.0.documentTypes.0',
  ],
  [
    'features without forensics',
    withVerification({ features: ['extraction'] }),
    'verifications.0.features',
  ],
  [
    'a feature twice',
    withVerification({ features: ['extraction', 'forensics', 'forensics'] }),
    'verifications.0.features',
  ],
  [
    'an unknown feature',
    withVerification({ features: ['extraction', 'forensics', 'magic'] }),
    'verifications.0.features.2',
  ],
  ['an unknown approval', withVerification({ approval: 'both' }), 'verifications.0.approval'],
  [
    'an unknown field of a verification',
    withVerification({ employer }),
    'verifications.0.employer',
  ],
];

/** Ids in the body of POST /orders/v1/templates. */
export const badTemplateIds: BadInput[] = [
  ['no id', { ...template, id: undefined }, 'id'],
  ['an id with the prefix of the platform', { ...template, id: 'casewire.tax' }, 'id'],
  ['an id with capitals', { ...template, id: 'Tax' }, 'id'],
  ['an id that begins with a hyphen', { ...template, id: '-tax' }, 'id'],
  ['an id of 64 characters', { ...template, id: long(64) }, 'id'],
];

/** Bodies of POST /orders/v1/verifications/{id}/information. */
export const badInformation: BadInput[] = [
  ['no data', {}, 'data'],
  ['data of text', { data: 'a' }, 'data'],
  ['empty data', { data: {} }, 'data'],
  ['101 entries', { data: entries(101) }, 'data'],
  ['an empty name', { data: { '': 1 } }, 'data.'],
  ['a name of 65 characters', { data: { [long(65)]: 1 } }, `data.${long(65)}`],
  ['a text of 4001 characters', { data: { a: long(4001) } }, 'data.a'],
  ['nested data', { data: { a: [1] } }, 'data.a'],
  ['NUL', { data: { a: '\0' } }, 'data.a'],
  ['an unknown field', { data: { a: 1 }, note: 'x' }, 'note'],
];

const id = '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';

/** Bodies of POST /orders/v1/orders/{id}/refresh. */
export const badRefreshes: BadInput[] = [
  ['no verification', { verificationIds: [] }, 'verificationIds'],
  ['11 verifications', { verificationIds: many(11, () => id) }, 'verificationIds'],
  ['an id that is no UUID', { verificationIds: ['a'] }, 'verificationIds.0'],
  ['an unknown verification', { verificationIds: [id] }, 'verificationIds.0'],
  ['an unknown field', { stages: ['extraction'] }, 'stages'],
];

/** Paths with their queries, below /orders/v1. */
export const badQueries: BadInput[] = [
  ['an unknown status', 'orders?status=open', 'status'],
  ['an empty number', 'orders?number=', 'number'],
  ['a number of 21 characters', `orders?number=${long(21)}`, 'number'],
  ['a user that is no UUID', 'orders?userId=u-1', 'userId'],
  ['a template with capitals', 'orders?templateId=Tax', 'templateId'],
  ['a time without a zone', 'orders?from=2026-01-01T00:00:00', 'from'],
  ['a date', 'orders?to=2026-01-01', 'to'],
  ['limit 0', 'orders?limit=0', 'limit'],
  ['limit 101', 'orders?limit=101', 'limit'],
  ['a limit in words', 'orders?limit=ten', 'limit'],
  ['a cursor of no page', 'orders?cursor=abc', 'cursor'],
  ['a cursor of 513 characters', `orders?cursor=${long(513)}`, 'cursor'],
  ['a parameter twice', 'orders?status=pending&status=canceled', 'status'],
  ['an unknown parameter', 'orders?colour=red', 'colour'],
  ['a template limit of 0', 'templates?limit=0', 'limit'],
  ['a cursor of no page of templates', 'templates?cursor=abc', 'cursor'],
  ['an unknown parameter of templates', 'templates?status=pending', 'status'],
  ['version 0', 'templates/casewire.income?version=0', 'version'],
  ['a version in words', 'templates/casewire.income?version=latest', 'version'],
  ['a template id with capitals', 'templates/Tax', 'id'],
  ['an order id that is no UUID', 'orders/CW-1234-5678', 'id'],
  ['a verification id that is no UUID', 'verifications/1', 'id'],
];

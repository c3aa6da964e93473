/** The documents of a running platform that are kept in docs/api, by the name of their file. */
export const apiDocuments = {
  'admin.json': '/admin/v1/openapi.json',
  'asyncapi.json': '/catalog/v1/asyncapi.json',
  'catalog.json': '/catalog/v1/openapi.json',
  'delivery.json': '/delivery/v1/openapi.json',
  'orders.json': '/orders/v1/openapi.json',
  'partner.json': '/partner/v1/openapi.json',
  'registry.json': '/registry/v1/openapi.json',
  'webhooks.json': '/catalog/v1/webhooks.json',
} as const;

export type ApiDocument = keyof typeof apiDocuments;
export const apiDocumentNames = Object.keys(apiDocuments) as ApiDocument[];

/** A document as it is kept: paths, channels, components and parameters sorted by name, two spaces deep. */
export function fileText(document: object): string {
  const parts = Object.entries(document).map(([part, value]) => [part, sortedPart(part, value)]);
  return `${JSON.stringify(Object.fromEntries(parts), sortedParameters, 2)}\n`;
}

// Here the order of the names has no meaning. Inside a schema or an operation the author's order helps a reader.
const sortedParts = new Set(['paths', 'channels', 'operations', 'webhooks']);

function sortedPart(part: string, value: unknown): unknown {
  if (sortedParts.has(part)) return byName(value as object);
  if (part !== 'components') return value;
  const components = Object.entries(byName(value as object));
  return Object.fromEntries(components.map(([name, one]) => [name, byName(one as object)]));
}

const byName = (part: object) =>
  Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));

// The compiler of the decorators decides on their order, and on that of their own parts.
const sortedParameters = (key: string, value: unknown): unknown =>
  key === 'parameters' && Array.isArray(value)
    ? (value as Parameter[]).toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(inOrder)
    : value;

type Parameter = Record<'name' | 'in' | 'required' | 'description', unknown> & { name: string };

const inOrder = ({ name, in: place, required, description, ...rest }: Parameter) => ({
  name,
  in: place,
  required,
  description,
  ...rest,
});

/**
 * Reads a document of a running platform.
 * @param url the origin of the platform
 * @returns the text of its file in docs/api
 */
export async function readApiDocument(url: string, name: ApiDocument): Promise<string> {
  const response = await fetch(url + apiDocuments[name]);
  if (!response.ok) throw new Error(`${apiDocuments[name]} answers ${response.status}`);
  return fileText((await response.json()) as object);
}

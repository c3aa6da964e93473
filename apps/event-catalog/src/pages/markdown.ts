import type { CataloguedType } from '../seeds/seed.ts';
import {
  dialectNames,
  isFired,
  keyFields,
  schemaOf,
  statusText,
  type PublishedType,
} from './published-type.ts';
import { fieldsOf } from './schema-fields.ts';

/** Escapes text so that it is neither markup nor the end of a table cell. */
export const escapeMarkdown = (text: string): string =>
  text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_{}[\]()<>#+!|~&]/g, String.raw`\$&`);

const m = escapeMarkdown;

/** Code in a table cell; characters that would end it become spaces. */
const code = (text: string): string => `\`${text.replaceAll(/[`|\r\n]/g, ' ')}\``;

const pageOf = (name: string): string => `/catalog/v1/events/${encodeURIComponent(name)}.md`;

/** The index of the documentation in the format of llmstxt.org (TV-24). */
export function llmsTxt(types: readonly PublishedType[]): string {
  const link = ({ name, latest }: PublishedType) =>
    `- [${m(name)}](${pageOf(name)}): ${m(latest.trigger)}`;
  const fired = types.filter(({ versions }) => versions.some(isFired));
  const others = types.filter(({ versions }) => !versions.some(isFired));
  return `# Casewire

> Document-verification cases in, ordered and signed webhooks out. Events are POSTed to the endpoints that subscribed to
> them, in each endpoint's dialect.

## APIs

- [Cases](/partner/v1/openapi.json): submit cases, read results
- [Endpoints](/registry/v1/openapi.json): register endpoints and subscribe
- [Deliveries](/delivery/v1/openapi.json): sent requests and their responses
- [Catalog](/catalog/v1/openapi.json): event types, their versions and schemas
- [Webhooks](/catalog/v1/webhooks.json): the requests that an endpoint gets, as OpenAPI
- [Topics](/catalog/v1/asyncapi.json): the events on Kafka, as AsyncAPI

## Events

- [Summary of all events](/catalog/v1/events.md): event, trigger, key fields
${fired.map(link).join('\n')}

## Optional

Names that are reserved or retired; they are not fired.

${others.map(link).join('\n')}
`;
}

/** The summary: event, trigger and key fields of each type (TV-23). */
export function summaryPage(types: readonly PublishedType[]): string {
  const rows = (some: readonly PublishedType[]) =>
    some.map(
      ({ name, latest }) =>
        `| [${m(name)}](${pageOf(name)}) | ${m(latest.trigger)} | ${keyFields(latest).map(code).join(', ')} |`,
    );
  const head = '| Event | Trigger | Key fields |\n|---|---|---|';
  const fired = types.filter(({ versions }) => versions.some(isFired));
  const others = types.filter(({ versions }) => !versions.some(isFired));
  return `# Events

${head}
${rows(fired).join('\n')}

## Not fired

Reserved for future events, or retired.

${head}
${rows(others).join('\n')}
`;
}

export function eventPage({ name, latest, versions }: PublishedType): string {
  return `# ${m(name)}

${m(latest.trigger)}.

- Category: ${m(latest.category)}
- Status: ${statusText[latest.status]}
- Versions: ${versions.map(({ version, status }) => `${version} (${status})`).join(', ')}
${dialectNames(latest)
  .map(({ dialect, names }) => `- In the dialect ${dialect}: ${names.map(code).join(', ')}`)
  .join('\n')}

${versions.map(versionText).join('\n')}`;
}

function versionText(type: CataloguedType): string {
  const rows = fieldsOf(schemaOf(type)).map(
    ({ path, type: text, required, description }) =>
      `| ${code(path)} | ${m(text)} | ${required ? 'yes' : 'no'} | ${m(description)} |`,
  );
  return `## Version ${type.version}

| Field | Type | Required | Description |
|---|---|---|---|
${rows.join('\n')}

${fenced(JSON.stringify(type.sample, null, 2))}
`;
}

/** A code block whose fence is longer than any fence in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}json\n${text}\n${fence}`;
}

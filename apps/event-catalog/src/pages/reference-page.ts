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

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for an element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character]!);

const e = escapeHtml;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}th,td{text-align:left;vertical-align:top;border:1px solid #8884;padding:.25rem .5rem}
code,pre{font:14px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}pre{background:#8881;padding:.75rem;overflow:auto}
section{border-top:1px solid #8886;margin-top:2rem}`;

/** The event reference, rendered from the catalog, so that it always shows the events that are delivered (TG-1). */
export function referencePage(types: readonly PublishedType[]): string {
  const fired = types.filter(({ versions }) => versions.some(isFired));
  const others = types.filter(({ versions }) => !versions.some(isFired));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Event reference</title><style>${style}</style></head><body>
<h1>Event reference</h1>
<p>Every event to which an endpoint can subscribe. The body of a request is in the endpoint's dialect; it is made from the
data below.</p>
<h2 id="summary">Events that are fired</h2>
${summary(fired)}
<h2 id="not-fired">Names that are not fired</h2>
<p>Reserved for future events, or retired. They are not sent.</p>
${summary(others)}
${types.map(section).join('\n')}
</body></html>
`;
}

const table = (heads: string[], rows: string[][]): string =>
  `<table><thead><tr>${heads.map((head) => `<th>${e(head)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('\n')}</tbody></table>`;

const summary = (types: readonly PublishedType[]): string =>
  table(
    ['Event', 'Trigger', 'Category', 'Key fields'],
    types.map(({ name, latest }) => [
      `<a href="#${e(name)}"><code>${e(name)}</code></a>`,
      e(latest.trigger),
      e(latest.category),
      keyFields(latest)
        .map((field) => `<code>${e(field)}</code>`)
        .join(', '),
    ]),
  );

function section({ name, latest, versions }: PublishedType): string {
  return `<section id="${e(name)}"><h2><code>${e(name)}</code></h2>
<p>${e(latest.trigger)}.</p>
${table(
  ['Category', 'Status', 'Versions', 'Names in dialects'],
  [
    [
      e(latest.category),
      e(statusText[latest.status]),
      versions.map((one) => `${one.version} (${e(one.status)})`).join(', '),
      dialectNames(latest)
        .map(({ dialect, names }) => `${e(dialect)}: <code>${e(names.join(', '))}</code>`)
        .join('<br>'),
    ],
  ],
)}
${versions.map((version) => versionOf(version, version === latest)).join('\n')}
</section>`;
}

function versionOf(type: CataloguedType, isLatest: boolean): string {
  const inner = `${table(
    ['Field', 'Type', 'Required', 'Description'],
    fieldsOf(schemaOf(type)).map(({ path, type: text, required, description }) => [
      `<code>${e(path)}</code>`,
      e(text),
      required ? 'yes' : 'no',
      e(description),
    ]),
  )}
<pre>${e(JSON.stringify(type.sample, null, 2))}</pre>`;
  return `<details${isLatest ? ' open' : ''}><summary>Version ${type.version}</summary>${inner}</details>`;
}

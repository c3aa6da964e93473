import 'reflect-metadata';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Parser } from '@asyncapi/parser';
import { compileSchema, type Json } from '@casewire/event-schemas';
import { dialects } from '@casewire/webhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { CatalogEnvironment, type Member } from '../../test/catalog-environment.ts';
import { seeds } from '../seeds/seeds.ts';
import { sampleEvent } from './published-type.ts';
import { bodySchema } from './webhooks-openapi.ts';

const hostile = `"><script>alert('x')</script>`;
const markup = '[x](javascript:alert(1)) | `x` <img src=x>';

let environment: CatalogEnvironment;
let team: Member;
beforeAll(async () => {
  environment = await CatalogEnvironment.start();
  team = await environment.team('ledger', ['ledger.']);
  const schema = (name: string) => ({
    type: 'object',
    properties: {
      [name]: { type: 'string', description: hostile, enum: ['fine', hostile] },
      tree: { $ref: '#/$defs/a~1b' },
      self: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    },
    required: [name],
    additionalProperties: false,
    $defs: { 'a/b': { type: 'array', items: { $ref: '#/$defs/a~1b' } } },
  });
  const described = { category: hostile, trigger: `${hostile} ${markup}` };
  await team.client.register({
    name: 'ledger.booked',
    ...described,
    schema: schema(hostile),
    sample: { [hostile]: hostile, tree: [[]], self: null },
  });
  await team.client.createVersion('ledger.booked', {
    schema: schema('later'),
    sample: { later: 'fine' },
    downConversion: `{${JSON.stringify(hostile)}: later}`,
  });
  const plain = {
    category: 'Ledger',
    trigger: 'Something',
    schema: schema('a'),
    sample: { a: 'fine' },
  };
  const { organizationId } = await environment.member();
  await team.client.register({ name: 'ledger.inside', audience: 'internal', ...plain });
  await team.client.register({ name: 'ledger.for-one', addressees: [organizationId], ...plain });
  await team.client.register({ name: 'ledger.later', status: 'reserved', ...plain });
});
afterAll(() => environment.stop());

async function page(path: string) {
  const response = await fetch(`${environment.url}/catalog/v1/${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const hidden = ['ledger.inside', 'ledger.for-one', 'case.erased', 'case.command.refused'];
const shownNames = [
  ...seeds.filter(({ audience }) => audience === 'partner').map(({ name }) => name),
  'ledger.booked',
  'ledger.later',
];

test.each(['reference', 'llms.txt', 'events.md', 'asyncapi.json', 'webhooks.json'])(
  'TE-6 %s is public and shows no internal types',
  async (path) => {
    const { status, text } = await page(path);
    expect(status).toBe(200);
    expect(text).toContain('case.submitted');
    for (const name of hidden) expect(text).not.toContain(name);
  },
);

test('TG-1 TG-9 TG-12 the reference lists fired events with trigger and category, and separately those that are not fired', async () => {
  const { text, headers } = await page('reference');
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  const [fired, notFired] = text.split('id="not-fired"');
  for (const { name, status, audience, trigger, category } of seeds) {
    if (audience === 'internal') continue;
    const row = `<a href="#${name}"><code>${name}</code></a></td><td>${trigger}</td><td>${category}</td>`;
    expect(fired!.includes(row)).toBe(status === 'active');
    expect(notFired!.split('<section')[0]!.includes(row)).toBe(status !== 'active');
    expect(notFired).toContain(`<section id="${name}">`);
  }
  expect(notFired).toContain('reserved: endpoints can subscribe to it; it is not fired yet');
});

test('the reference shows versions, fields, sample and each dialect’s name of an event', async () => {
  const { text } = await page('reference');
  const section = text
    .split('<section id="case.extraction.completed">')[1]!
    .split('</section>')[0]!;
  expect(section).toContain('1 (active)');
  expect(section).toContain('<td><code>uploadId</code></td><td>string (uuid)</td><td>yes</td>');
  expect(section).toContain('&quot;externalId&quot;: &quot;applicant-9876&quot;');
  for (const { name, eventNames } of Object.values(dialects)) {
    const hasName =
      !eventNames || [...eventNames.values()].flat().includes('case.extraction.completed');
    expect(section.includes(`${name}: <code>`)).toBe(hasName);
  }
  const own = text.split('<section id="ledger.booked">')[1]!.split('</section>')[0]!;
  expect(own).toContain('2 (active), 1 (active)');
  expect(own).toContain('<summary>Version 1</summary>');
});

test('markup in a team’s texts is escaped on every page, and pages run and load nothing', async () => {
  const { text, headers } = await page('reference');
  expect(text).not.toMatch(/<script|<img|javascript:[^&]*"/i);
  expect(text).toContain('&lt;script&gt;');
  expect(text).not.toMatch(/\b(src|href)="(?!#)/);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  for (const path of ['llms.txt', 'events.md', 'events/ledger.booked.md']) {
    const { text: markdown } = await page(path);
    const outside = markdown
      .replaceAll(/^(`{3,})json\n.*?^\1$/gms, '')
      .replaceAll(/`[^`\n]*`/g, '');
    expect(outside).toContain('script');
    expect(outside).not.toMatch(/(?<!\\)<script|(?<!\\)\[x\\?\]|(?<!\\)<img/);
  }
});

test('TV-23 the summary has event, trigger and key fields', async () => {
  const { text, headers } = await page('events.md');
  expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  const [fired, notFired] = text.split('## Not fired');
  expect(fired).toContain('| Event | Trigger | Key fields |');
  expect(fired).toContain(
    '| [case.submitted](/catalog/v1/events/case.submitted.md) | A case was accepted | `caseId`, `externalId`, `occurredAt`, `uploadIds`, `stages` |',
  );
  expect(notFired).toContain('[screening.hit](/catalog/v1/events/screening.hit.md)');
});

test('TV-24 llms.txt is an index of existing pages', async () => {
  const { text, headers } = await page('llms.txt');
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(text).toMatch(/^# Casewire\n\n> /);
  const links = [...text.matchAll(/\]\((\/catalog\/v1\/[^)]+)\)/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(shownNames.length);
  for (const link of links)
    expect([link, (await fetch(environment.url + link)).status]).toEqual([link, 200]);
  for (const name of shownNames) expect(links).toContain(`/catalog/v1/events/${name}.md`);
});

test('each public event has a Markdown page; hidden and unknown events have none', async () => {
  const { text } = await page('events/case.completed.md');
  expect(text).toMatch(/^# case\.completed\n/);
  expect(text).toContain('| `result` | "succeeded" \\| "partially\\_failed" \\| "failed" | yes |');
  expect(text).toContain('"result": "succeeded"');
  for (const name of [...hidden, 'nothing'])
    expect((await page(`events/${name}.md`)).status).toBe(404);
  expect((await page('events/%00.md')).status).toBe(400);
  expect((await page('events/case.completed')).status).toBe(404);
});

test('a page is rendered again after a change of the catalog', async () => {
  const name = 'ledger.just-now';
  expect((await page('reference')).text).not.toContain(name);
  const schema = { type: 'object' };
  await team.client.register({ name, category: 'x', trigger: 'x', schema, sample: {} });
  expect((await page('reference')).text).toContain(name);
});

test('asyncapi.json is AsyncAPI 3.0 with topics, operations and messages', async () => {
  const { text } = await page('asyncapi.json');
  const { document, diagnostics } = await new Parser().parse(text);
  // Severity 0 is an error; other severities are hints.
  expect(diagnostics.map(({ severity }) => severity)).not.toContain(0);
  const channels = document!.channels().all();
  expect(channels.map((one) => one.address())).toEqual(
    expect.arrayContaining(['events.casewire', 'events.ledger', 'events.screening']),
  );
  const messages = document!.messages().all();
  const fired = seeds.filter(
    ({ status, audience }) => status === 'active' && audience === 'partner',
  );
  expect(messages.map((one) => one.name())).toEqual(
    expect.arrayContaining([
      ...fired.map(({ name }) => `${name}@1`),
      'ledger.booked@1',
      'ledger.booked@2',
    ]),
  );
  expect(messages.map((one) => one.name())).not.toContain('screening.hit@1');
  const [message] = messages.filter((one) => one.name() === 'screening.completed@1');
  expect(message!.headers()!.json()).toMatchObject({
    required: expect.arrayContaining(['ce_specversion', 'ce_type', 'ce_organization']),
  });
  const actions = document!
    .operations()
    .all()
    .map((one) => [one.id(), one.action()]);
  expect(actions).toContainEqual(['send-events-casewire', 'send']);
  expect(actions).toContainEqual(['receive-events-ledger', 'receive']);
});

test('webhooks.json is OpenAPI 3.1 with a webhook for each version that is fired', async () => {
  const { text } = await page('webhooks.json');
  const document = JSON.parse(text) as {
    openapi: string;
    webhooks: Record<string, { post: { parameters: { name: string }[] } }>;
  };
  await SwaggerParser.validate(JSON.parse(text) as never);
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.webhooks)).toEqual(
    expect.arrayContaining([
      'case.extraction.completed.v1',
      'ledger.booked.v1',
      'ledger.booked.v2',
    ]),
  );
  expect(Object.keys(document.webhooks)).not.toContain('screening.hit.v1');
  expect(document.webhooks['case.completed.v1']!.post.parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['webhook-id', 'webhook-timestamp', 'webhook-signature']),
  );
});

test.each(seeds)(
  'the body of $name in the dialect casewire follows its schema in webhooks.json',
  (type) => {
    const body = JSON.parse(
      JSON.stringify(dialects.casewire.body(sampleEvent(type), { endpointId: null })),
    ) as Json;
    const validate = compileSchema(bodySchema(type));
    expect(validate(body)).toBeNull();
    expect(validate({ ...(body as object), more: 1 })).not.toBeNull();
  },
);

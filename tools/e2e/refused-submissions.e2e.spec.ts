import 'reflect-metadata';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';

import { formOf, PartnerClient, type Submission } from '@casewire/client';
import { Problem, type CaseView } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectRefused } from './refused-submission.ts';
import { document, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
beforeAll(async () => {
  // A submission is checked before any stage runs.
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner();
});
afterAll(() => platform.stop());

const own = () => ({ platform, partner });

describe('fields that are refused', () => {
  const withFields = async (
    fields: Record<string, string>,
    submission: Partial<Submission> = {},
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, value] of formOf({ files: [await document('invoice')], ...submission }))
      form.append(name, value);
    return form;
  };

  test.each([
    [{ features: '["magic"]' }, 400, 'VALIDATION_FAILED', 'features.0'],
    [{ features: '[["extraction","magic"]]' }, 400, 'VALIDATION_FAILED', 'features.0.1'],
    [{ features: 'extraction,magic' }, 400, 'VALIDATION_FAILED', 'features.1'],
    [{ features: '[["extraction"],[]]' }, 400, 'VALIDATION_FAILED', 'features'],
    [{ targetLanguage: 'fr' }, 400, 'VALIDATION_FAILED', 'targetLanguage'],
    [{ features: '[extraction' }, 400, 'MALFORMED_JSON', 'features'],
    [{ externalId: 'a\0b' }, 400, 'VALIDATION_FAILED', 'externalId'],
    [{ externalId: 'x'.repeat(129) }, 400, 'VALIDATION_FAILED', 'externalId'],
    [{ metadata: '{"a":"b\\u0000"}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ metadata: '{"a":{"b":1}}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ colour: 'red' }, 400, 'VALIDATION_FAILED', 'colour'],
    [
      { classify: 'false', features: 'forensics' },
      422,
      'FORENSICS_NEEDS_CLASSIFICATION',
      'classify',
    ],
    [{ metadata: '{"a":"\\ud800"}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ metadata: '{"\\ud800":1}' }, 400, 'VALIDATION_FAILED', 'metadata'],
    [{ classify: '[true,true]' }, 400, 'VALIDATION_FAILED', 'classify'],
  ])('%j', async (fields, status, code, field) => {
    const problem = await expectRefused(own(), { body: await withFields(fields) }, status, code);
    expect(problem.errors?.[0]?.field).toBe(field);
  });

  test('a feature that the organization is not provisioned for', async () => {
    const poor = await platform.partner({ features: ['extraction'] });
    const body = await withFields({ features: '["extraction","translation"]' });
    const refusal = await expectRefused(
      own(),
      { body, key: poor.key },
      403,
      'FEATURE_NOT_PROVISIONED',
    );
    expect(refusal.errors).toEqual([
      { field: 'features.1', rule: 'translation is not provisioned' },
    ]);
  });

  test('a feature that is not provisioned, before the files are sent', async () => {
    const poor = await platform.partner({ features: ['extraction'] });
    const upload = request(`${platform.url}/partner/v1/cases`, {
      method: 'POST',
      headers: {
        'x-api-key': poor.key,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': 20_000_000,
        expect: '100-continue',
      },
    });
    const response = once(upload, 'response');
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.write('--b\r\ncontent-disposition: form-data; name="features"\r\n\r\nforensics\r\n');
    // Of the files, only the first kilobyte is sent.
    upload.write(
      `--b\r\ncontent-disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n${'x'.repeat(1024)}`,
    );
    const [answered] = (await response) as [IncomingMessage];
    const problem = Problem.parse(await jsonOf(answered));
    expect([answered.statusCode, problem.code]).toEqual([403, 'FEATURE_NOT_PROVISIONED']);
    expect(problem.detail).toContain('forensics');
    upload.destroy();
  });

  test('features that follow the files are the ones that are checked', async () => {
    const poor = await platform.partner({ features: ['extraction'] });
    const form = formOf({ files: [await document('invoice')] });
    form.append('features', 'extraction');
    const submitted = await poor.client.api.call<CaseView>('/partner/v1/cases', {
      method: 'POST',
      body: form,
    });
    expect(submitted.uploads).toMatchObject([{ features: ['extraction'] }]);
    const body = formOf({ files: [await document('invoice')] });
    await expectRefused(own(), { body, key: poor.key }, 403, 'FEATURE_NOT_PROVISIONED');
  });

  test('no file', async () => {
    const form = new FormData();
    form.set('externalId', 'a');
    const problem = await expectRefused(own(), { body: form }, 400, 'VALIDATION_FAILED');
    expect(problem.errors?.[0]?.field).toBe('files');
  });

  test('a file name with the character NUL', async () => {
    const { bytes } = await document('invoice');
    const boundary = 'b';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="a\0.pdf"\r\n\r\n`;
    const body = Buffer.concat([
      Buffer.from(head),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]).toString('latin1');
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    await expectRefused(own(), { body, headers }, 400, 'MALFORMED_MULTIPART');
  });

  test('a body that is not multipart, and an incomplete one', async () => {
    const json = { 'content-type': 'application/json' };
    await expectRefused(own(), { body: '{}', headers: json }, 415, 'NOT_MULTIPART');
    const head = '--b\r\ncontent-disposition: form-data; name="externalId"\r\n\r\nx';
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
    await expectRefused(own(), { body: head, headers: multipart }, 400, 'MALFORMED_MULTIPART');
  });
});

describe('a caller that is refused', () => {
  test.each(['', 'nonsense', `cw_test_${'0'.repeat(18)}_${'0'.repeat(64)}`])(
    'the key %j',
    async (key) => {
      const body = formOf({ files: [await document('invoice')] });
      await expectRefused(own(), { body, key }, 401, 'UNAUTHORIZED');
    },
  );

  test('a case of another organization is not found on any route', async () => {
    const { id } = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    const stranger = (await platform.partner()).client;
    const other = new PartnerClient(
      platform.url,
      (await platform.operator.createApiKey(partner.organizationId, { environment: 'production' }))
        .key,
    );
    for (const client of [stranger, other]) {
      const routes = [
        client.case(id),
        client.results(id, 'extraction'),
        client.results(id, 'classification'),
        client.deleteCase(id),
      ];
      for (const result of await Promise.allSettled(routes)) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { status: 404, problem: { code: 'NOT_FOUND' } },
        });
      }
    }
    await expect(partner.client.case('no-id')).rejects.toMatchObject({ status: 400 });
  });

  test('malformed JSON, and JSON of the wrong shape, on a JSON route', async () => {
    const response = await fetch(`${platform.url}/registry/v1/endpoints`, {
      method: 'POST',
      headers: { 'x-api-key': partner.key, 'content-type': 'application/json' },
      body: '{"url":',
    });
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([
      400,
      'MALFORMED_JSON',
    ]);
    await expect(
      partner.client.createEndpoint({ url: 'ftp://x', eventTypes: [] }),
    ).rejects.toMatchObject({
      status: 400,
      problem: { errors: [{ field: 'url' }, { field: 'eventTypes' }] },
    });
    await expect(
      partner.client.createEndpoint({ url: 'https://example.com', eventTypes: ['case.nothing'] }),
    ).rejects.toMatchObject({
      status: 422,
      problem: { code: 'EVENT_TYPE_UNKNOWN' },
    });
  });
});

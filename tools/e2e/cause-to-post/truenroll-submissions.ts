import { request as httpRequest } from 'node:http';

import { zipOf } from '@casewire/samples';
import { describe, expect, test } from 'vitest';

import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { receivedOnce, sample } from './received.ts';
import { namesOfCase, pictures, submitFields } from './truenroll-form.ts';

const stageEvents = (...stages: string[]) => stages.map((stage) => `case.${stage}.completed`);

/** The fields of a submission. */
export function fieldScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('TE-L1 a submission is a form', () => {
    test('with files, externalId and metadata: all features and classification are the default', async () => {
      const partner = await platform().partner();
      const { receiver } = await partner.listen({ dialect: 'truenroll' });
      const externalId = 'é'.repeat(128);
      const metadata = { branch: 'north', attempt: 2, returning: true };
      const { status, body } = await submitFields(platform(), partner.key, {
        externalId,
        metadata: JSON.stringify(metadata),
      });
      expect([status, body]).toMatchObject([
        202,
        {
          externalId,
          metadata,
          uploads: [{ classify: true, features: ['extraction', 'forensics', 'translation'] }],
        },
      ]);
      const id = body.id as string;
      const requests = await receivedOnce(partner.client, id, receiver, 4);
      expect(namesOfCase(requests, { id, externalId })).toEqual(
        stageEvents('classification', 'extraction', 'forensics', 'translation'),
      );
      expect(await partner.client.case(id)).toMatchObject({ externalId, metadata });
    });

    test('with PDF, PNG, JPG, JPEG, WebP and ZIP, and the requested features alone', async () => {
      const partner = await platform().partner();
      const { receiver } = await partner.listen({ dialect: 'truenroll' });
      const { bytes } = await sample('bank_statement');
      const archive = zipOf([{ name: 'statements/january.pdf', content: bytes }]);
      const { id, uploads } = await partner.client.submit({
        files: [
          await sample('invoice'),
          ...(await pictures()),
          { name: 'all.zip', bytes: archive },
        ],
        features: ['translation'],
        classify: [true, false, false, false, false, false],
      });
      expect(uploads.map(({ mediaType, archive: from }) => [mediaType, from])).toEqual([
        ['application/pdf', null],
        ['image/png', null],
        ['image/jpeg', null],
        ['image/jpeg', null],
        ['image/webp', null],
        ['application/pdf', 'all.zip'],
      ]);
      expect(uploads.map(({ classify, features }) => [classify, features])).toEqual(
        uploads.map((_, i) => [i === 0, ['translation']]),
      );
      const requests = await receivedOnce(partner.client, id, receiver, 7);
      expect(namesOfCase(requests, { id, externalId: null })).toEqual([
        ...stageEvents('classification'),
        ...uploads.flatMap(() => stageEvents('translation')),
      ]);
    });

    test.each<[Record<string, string>, string]>([
      [{ externalId: '' }, 'externalId'],
      [{ externalId: 'x'.repeat(129) }, 'externalId'],
      [{ features: '["extraction", "magic"]' }, 'features.1'],
      [{ features: '[extraction' }, 'features'],
      [{ classify: 'maybe' }, 'classify'],
      [{ metadata: '["a"]' }, 'metadata'],
      [{ metadata: '{"a": {"b": 1}}' }, 'metadata.a'],
      [{ metadata: '{"a": null}' }, 'metadata.a'],
      [{ colour: 'red' }, 'colour'],
    ])('that is refused with %j, and the response names the field %s', async (fields, field) => {
      const { key, client } = await platform().partner();
      const { status, body } = await submitFields(platform(), key, fields);
      expect([status, body.errors]).toMatchObject([400, [{ field }]]);
      expect((await client.cases()).items).toEqual([]);
    });
  });
}

/** Sends the fields of a form, and of its file only the beginning. @returns the response, which cannot depend on the file */
async function withoutItsFile(url: string, key: string, features: string) {
  const answered = Promise.withResolvers<{ status: number | undefined; text: string }>();
  const request = httpRequest(`${url}/partner/v1/cases`, {
    method: 'POST',
    headers: {
      'x-api-key': key,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 20_000_000,
    },
  });
  request.on('error', answered.reject);
  request.on('response', async (response) => {
    let text = '';
    for await (const chunk of response) text += String(chunk);
    answered.resolve({ status: response.statusCode, text });
  });
  const part = (disposition: string, content: string) =>
    `--b\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
  request.write(part('name="features"', features));
  request.write(part('name="files"; filename="a.pdf"', '%PDF-1.7').slice(0, -2));
  try {
    return await answered.promise;
  } finally {
    request.off('error', answered.reject).on('error', () => undefined);
    request.destroy();
  }
}

/** Further uploads of a case, and what is refused. */
export function repetitionScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TE-L3 the same externalId adds an upload to the case until it is deleted; forensics needs classification; features must be provisioned', async () => {
    const partner = await platform().partner({ features: ['extraction', 'forensics'] });
    const { client, key } = partner;
    const { receiver } = await partner.listen({ dialect: 'truenroll' });
    const externalId = 'applicant-7';
    const submit = async (
      kind: 'invoice' | 'bank_statement',
      more: { features?: ('extraction' | 'forensics')[]; classify?: boolean } = {},
    ) =>
      client.submit({
        files: [await sample(kind)],
        features: ['extraction'],
        externalId,
        ...more,
      });

    const first = await submit('invoice');
    const second = await submit('bank_statement');
    expect(second.id).toBe(first.id);
    expect((await client.cases()).items.map(({ id }) => id)).toEqual([first.id]);
    const uploads = (await client.case(first.id)).uploads.map(({ fileName }) => fileName);
    expect(uploads).toEqual(['invoice-4.pdf', 'bank_statement-4.pdf']);
    const requests = await receivedOnce(client, first.id, receiver, 4);
    expect(namesOfCase(requests, { id: first.id, externalId })).toEqual([
      ...stageEvents('classification', 'classification'),
      ...stageEvents('extraction', 'extraction'),
    ]);

    await expect(
      submit('invoice', { features: ['forensics'], classify: false }),
    ).rejects.toMatchObject({
      status: 422,
      problem: { code: 'FORENSICS_NEEDS_CLASSIFICATION', errors: [{ field: 'classify' }] },
    });
    const refused = await withoutItsFile(platform().url, key, '["extraction","translation"]');
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      403,
      {
        code: 'FEATURE_NOT_PROVISIONED',
        errors: [{ field: 'features.1', rule: 'translation is not provisioned' }],
      },
    ]);

    await client.deleteCase(first.id);
    await expect(submit('invoice')).rejects.toMatchObject({
      status: 409,
      problem: { code: 'CASE_DELETED', errors: [{ field: 'externalId' }] },
    });
    // What was refused caused no event.
    const other = await client.submit({ files: [await sample('invoice')], features: [] });
    expect(
      namesOfCase((await receivedOnce(client, other.id, receiver, 5)).slice(4), {
        id: other.id,
        externalId: null,
      }),
    ).toEqual(stageEvents('classification'));
  });
}

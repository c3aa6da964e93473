import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { document, eventOf, TestPlatform } from './test-platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'casewire-rules-'));
const file = join(folder, 'rules.json');
const defaults = join(import.meta.dirname, '../../apps/cases/src/assessment/default-rules.json');

let platform: TestPlatform;
beforeAll(async () => {
  const rules = {
    ...JSON.parse(readFileSync(defaults, 'utf8')),
    version: 'no-invoices-2',
    rules: [{ verdict: 'rejected', reason: 'not_accepted', when: { documentTypes: ['invoice'] } }],
  };
  writeFileSync(file, JSON.stringify(rules));
  platform = await TestPlatform.start({ env: { ASSESSMENT_RULES_FILE: file } });
});
afterAll(async () => {
  await platform?.stop();
  rmSync(folder, { recursive: true });
});

test('rules that an operator configured decide about documents, and their version is part of the verdict', async () => {
  const partner = await platform.partner();
  const { receiver, client } = await partner.listen({ eventTypes: ['document.assessed'] });
  const { id } = await client.submit({
    files: [await document('invoice'), await document('bank_statement')],
    features: ['extraction', 'forensics'],
  });
  await receiver.until((requests) => requests.length === 2);
  const verdicts = receiver.requests.map((request) => eventOf(request).payload);
  expect(verdicts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        documentType: 'invoice',
        verdict: 'rejected',
        reasons: ['not_accepted'],
        rulesVersion: 'no-invoices-2',
      }),
      expect.objectContaining({ documentType: 'bank_statement', verdict: 'verified', reasons: [] }),
    ]),
  );
  const { uploads } = await client.case(id);
  expect(uploads.map(({ assessment }) => assessment?.rulesVersion)).toEqual([
    'no-invoices-2',
    'no-invoices-2',
  ]);
});

import { type ForensicsResult, StageFacts } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { forensicsFacts } from './forensics-facts.ts';

const finding = (code: string, confidence: number): ForensicsResult['findings'][number] => ({
  code,
  severity: 'high',
  confidence,
  page: 1,
  box: null,
  explanation: 'The text "Jane Roe" was replaced.',
  image: 'results/image.png',
});
const check = (code: string, ran: boolean) => ({ code, ran, reason: ran ? null : 'no zone' });

test('a check that ran without a finding passed; one that did not run is not among them', () => {
  const facts = forensicsFacts({
    verdict: 'review',
    findings: [finding('COPY_MOVE', 0.8)],
    checks: [check('COPY_MOVE', true), check('IBAN_INVALID', true), check('ZONE_NOT_SOUND', false)],
  });
  expect(facts.passedChecks).toEqual(['IBAN_INVALID']);
});

test('each code is one fact, with the highest confidence, and without contents of the document', () => {
  const facts = forensicsFacts({
    verdict: 'fail',
    findings: [
      finding('TEXT_REVISED', 0.7),
      finding('COPY_MOVE', 0.8),
      finding('TEXT_REVISED', 0.9),
      finding('TEXT_REVISED', 0.6),
    ],
    checks: [],
  });
  expect(facts).toEqual({
    stage: 'forensics',
    verdict: 'fail',
    findings: [
      { code: 'TEXT_REVISED', severity: 'high', confidence: 0.9 },
      { code: 'COPY_MOVE', severity: 'high', confidence: 0.8 },
    ],
    passedChecks: [],
  });
  expect(StageFacts.parse(facts)).toEqual(facts);
});

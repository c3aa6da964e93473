import { createHmac } from 'node:crypto';

import { ReviewClient } from '@casewire/client';
import type { OpenReview, ReviewView } from '@casewire/contracts';
import type { ReceivedRequest } from '@casewire/testing';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';

import type { Listener, RunningPlatform, TestPlatform } from '../test-platform.ts';
import {
  bodyOf,
  expectOneLane,
  expectSigned,
  headerOf,
  openReviewOf,
  receivedOnce,
  sample,
} from './received.ts';

/** Checks the envelope, all headers and both signatures of TrustGate. The key of both is the text of the secret. */
function expectEnvelope(
  request: ReceivedRequest,
  { endpoint: { secret } }: Listener,
  envelope: Record<string, unknown>,
): void {
  expect(bodyOf(request)).toStrictEqual({
    event_id: headerOf(request, 'webhook-id'),
    ...envelope,
  });
  const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
  const body = request.body.toString();
  const timestamp = headerOf(request, 'x-webhook-timestamp');
  expect(Math.abs(request.receivedAt / 1000 - Number(timestamp))).toBeLessThan(60);
  expect(headerOf(request, 'x-webhook-signature')).toBe(hmac(`${timestamp}.${body}`));
  expect(headerOf(request, 'x-trustgate-signature')).toBe(`sha256=${hmac(body)}`);
  expect(headerOf(request, 'user-agent')).toBe('TrustGate-Webhook/1.0');
  expectSigned(request, secret);
}

/** The verdicts on documents: of a genuine one, of one that was tampered with, and of one that a person must look at. */
export function verdictScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TG-17 the verdict on a document is sent with all fields: verified, rejected, review', async () => {
    const partner = await platform().partner();
    const { client, organizationId } = partner;
    const listener = await partner.listen({
      dialect: 'trustgate',
      eventTypes: ['document.verified', 'document.rejected'],
    });
    const features = ['extraction' as const, 'forensics' as const];
    const known = await client.submit({
      files: [await sample('passport'), await sample('bank_statement_overlay')],
      features,
      externalId: 'user_123',
      correlationId: 'trace-17',
    });
    const unknown = await client.submit({ files: [await sample('letter')], features });
    await receivedOnce(client, known.id, listener.receiver, 3);
    await receivedOnce(client, unknown.id, listener.receiver, 3);

    const confidence = expect.toSatisfy((value) => value > 0.6 && value <= 1, '0.6 to 1') as number;
    const expected = [
      [
        known.uploads[0]!.id,
        'document.verified',
        { document_type: 'passport', status: 'verified', ocr_confidence: confidence },
        { fraud_signals: [], security_features_detected: ['mrz_valid', 'mrz_matches_print'] },
      ],
      [
        known.uploads[1]!.id,
        'document.rejected',
        { document_type: 'bank_statement', status: 'rejected', ocr_confidence: null },
        {
          fraud_signals: expect.arrayContaining(['TEXT_OVERLAY']) as string[],
          security_features_detected: ['iban_valid'],
        },
      ],
      [
        unknown.uploads[0]!.id,
        'document.verified',
        { document_type: 'unknown', status: 'review', ocr_confidence: null },
        { fraud_signals: [], security_features_detected: [] },
      ],
    ] as const;
    const uploads = [
      ...(await client.case(known.id)).uploads,
      ...(await client.case(unknown.id)).uploads,
    ];
    for (const [documentId, eventType, document, findings] of expected) {
      const isKnown = documentId !== unknown.uploads[0]!.id;
      const assessedAt = uploads.find(({ id }) => id === documentId)!.assessment!.assessedAt;
      const sent = listener.receiver.requests.filter(
        (request) => bodyOf(request).data.document_id === documentId,
      );
      expect(sent).toHaveLength(1);
      expectEnvelope(sent[0]!, listener, {
        event_type: eventType,
        timestamp: assessedAt,
        tenant_id: organizationId,
        correlation_id: isKnown ? 'trace-17' : null,
        data: {
          applicant_id: isKnown ? known.id : unknown.id,
          external_id: isKnown ? 'user_123' : null,
          document_id: documentId,
          ...document,
          ...findings,
          verified_at: assessedAt,
        },
      });
    }
  });
}

/** Reviews that a person opens, with the fields that they get by default. */
const byHand: readonly z.input<typeof OpenReview>[] = [
  {
    reviewType: 'screening_hit',
    priority: 'critical',
    reason: 'Potential sanctions match detected',
  },
  { reviewType: 'risk_review', priority: 'low', reason: 'Sampled for quality' },
  { reason: 'The applicant called' },
];

/** Reviews: opened automatically, and by a person. */
export function reviewScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TG-18 a review is sent with all fields, whether it was opened automatically or by a person', async () => {
    const partner = await platform().partner({ automaticReviews: true });
    const { client, organizationId, key } = partner;
    const listener = await partner.listen({ dialect: 'trustgate', eventTypes: ['case.created'] });
    const reviews = new ReviewClient(platform().url, key);
    const view = await client.submit({
      files: [await sample('letter')],
      features: ['extraction'],
      externalId: 'user_123',
    });
    const reviewId = await openReviewOf(client, view.id);
    const opened: ReviewView[] = [await reviews.review(reviewId)];
    await reviews.resolve(reviewId, { resolution: 'approved' });
    for (const review of byHand) {
      opened.push(await reviews.open(view.id, review));
      await reviews.resolve(opened.at(-1)!.id, { resolution: 'approved' });
    }

    const requests = await receivedOnce(client, view.id, listener.receiver, opened.length);
    expectOneLane(requests);
    expect(opened.map(({ cause }) => cause)).toEqual([
      'unprocessable',
      ...byHand.map(() => 'manual'),
    ]);
    const expected = [
      [
        'document_review',
        'high',
        'The document could not be processed automatically: extraction_failed, DOCUMENT_TYPE_UNKNOWN',
        true,
      ],
      ['screening_hit', 'critical', 'Potential sanctions match detected', false],
      ['risk_review', 'low', 'Sampled for quality', false],
      ['document_review', 'medium', 'The applicant called', false],
    ] as const;
    for (const [i, [type, priority, reason, isAutomatic]] of expected.entries()) {
      const { id, openedAt } = opened[i]!;
      expectEnvelope(requests[i]!, listener, {
        event_type: 'case.created',
        timestamp: openedAt,
        tenant_id: organizationId,
        correlation_id: null,
        data: {
          applicant_id: view.id,
          external_id: 'user_123',
          case_id: id,
          case_type: type,
          priority,
          reason,
          auto_created: isAutomatic,
          created_at: openedAt,
        },
      });
    }
  });
}

export function trustgateScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('TrustGate', () => {
    verdictScenarios(platform);
    reviewScenarios(platform);
  });
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { expect, test } from 'vitest';

import { requestOf } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import { dialects } from './dialects.ts';
import { encodeBody } from './request.ts';
import { truenroll } from './truenroll.dialect.ts';

const destination = { endpointId: 'e' };
const extraction = sampleEvents.get('case.extraction.completed')!;
const envelopeOf = (event = extraction) =>
  JSON.parse(String(encodeBody(truenroll, event, destination))) as {
    eventName: string;
    payload: Record<string, unknown>;
  };

test.each(['casewire', 'truenroll'] as const)(
  'TE-16 %s: the envelope of the eight events has exactly eventName, caseId, externalId, occurredAt, in this order',
  (name) => {
    for (const eventName of truenroll.eventNames!.keys()) {
      const event = sampleEvents.get(eventName)!;
      expect(String(encodeBody(dialects[name], event, destination))).toBe(
        `{"eventName":"${eventName}","payload":{"caseId":"${event.data.caseId as string}","externalId":"applicant-9876","occurredAt":"2026-02-04T14:08:00.000Z"}}`,
      );
    }
  },
);

test('TE-17 the names are the eight names of the table, and eventName is one of them', () => {
  expect([...truenroll.eventNames!.keys()].toSorted()).toEqual([
    'case.classification.completed',
    'case.classification.failed',
    'case.extraction.completed',
    'case.extraction.failed',
    'case.forensics.completed',
    'case.forensics.failed',
    'case.translation.completed',
    'case.translation.failed',
  ]);
  expect(envelopeOf(sampleEvents.get('case.forensics.failed')).eventName).toBe(
    'case.forensics.failed',
  );
});

test('TE-18 payload.caseId is the id of the case in the API', () => {
  expect(envelopeOf().payload.caseId).toBe(extraction.data.caseId);
});

test('TE-19 payload.externalId is the submitted external id, or null', () => {
  expect(envelopeOf().payload.externalId).toBe('applicant-9876');
  const without = { ...extraction, data: { ...extraction.data, externalId: null } };
  expect(envelopeOf(without).payload.externalId).toBeNull();
});

test('TE-20 payload.occurredAt is the time of the event in ISO 8601, not the time of the attempt', () => {
  const { headers, body } = requestOf(truenroll, extraction, 2);
  const { occurredAt } = (JSON.parse(body.toString()) as { payload: { occurredAt: string } })
    .payload;
  expect(new Date(occurredAt).toISOString()).toBe(extraction.occurredAt);
  expect(Number(headers['webhook-timestamp'])).toBeGreaterThan(Date.parse(occurredAt) / 1000);
});

test('TE-24 TE-25 a retry has the same id and the same body, and a signature over its own timestamp', () => {
  const [first, second] = [
    requestOf(truenroll, extraction, 1),
    requestOf(truenroll, extraction, 2),
  ];
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(second.body.equals(first.body)).toBe(true);
  expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
});

test.each(['casewire', 'truenroll'] as const)(
  'TE-27 %s: the documented Express handler works without changes',
  async (name) => {
    const handled: unknown[][] = [];
    const handleExtractionComplete = async (...args: unknown[]) => handled.push(args);
    const app = express();
    app.post('/truenroll/webhook', express.json(), async (req, res) => {
      res.sendStatus(200);
      const { eventName, payload } = req.body;
      switch (eventName) {
        case 'case.extraction.completed':
          await handleExtractionComplete(payload.caseId, payload.externalId);
          break;
        default:
      }
    });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { headers, body } = requestOf(dialects[name], extraction, 1);
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/truenroll/webhook`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      });
      expect(response.status).toBe(200);
      expect(handled).toEqual([[extraction.data.caseId, 'applicant-9876']]);
    } finally {
      server.close();
    }
  },
);

test('TruEnroll has names for its eight events and a ping only', () => {
  const named = [...sampleEvents.values()].filter((event) => truenroll.nameOf(event) !== null);
  expect(new Set(named.map(({ type }) => type))).toEqual(
    new Set([...truenroll.eventNames!.keys(), 'endpoint.ping']),
  );
  for (const type of ['case.refresh.completed', 'case.refresh.failed', 'case.canceled'])
    expect(truenroll.nameOf(sampleEvents.get(type)!)).toBeNull();
});

test('a ping has the same envelope, without a case', () => {
  expect(envelopeOf(sampleEvents.get('endpoint.ping'))).toEqual({
    eventName: 'endpoint.ping',
    payload: { caseId: null, externalId: null, occurredAt: extraction.occurredAt },
  });
});

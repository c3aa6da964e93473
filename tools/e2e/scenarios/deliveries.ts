import { decodeSecret, verify } from '@casewire/webhooks';
import express from 'express';
import { expect, test } from 'vitest';

import {
  document,
  eventOf,
  untilCompleted,
  untilEvents,
  type RunningPlatform,
  type TestPlatform,
} from '../test-platform.ts';

/** Deliveries are signed, in order and retried, at different receivers. */
export function deliveryScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('every request is signed, and has its place in its lane', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen();
    const view = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    await untilCompleted(listener, view);
    const secret = decodeSecret(listener.endpoint.secret);
    const places = listener.receiver.requests.map(
      ({ body, headers }) => verify(body, headers, [secret]).sequence,
    );
    expect(places).not.toContain(undefined);
    const lifecycle = listener.receiver.requests.filter((request) =>
      /submitted|received|case.completed$/.test(eventOf(request).eventName),
    );
    expect(lifecycle.map(({ headers }) => headers['webhook-sequence'])).toEqual(['1', '2', '3']);
    expect(lifecycle[2]?.headers['webhook-previous-id']).toBe(lifecycle[1]?.headers['webhook-id']);
  });

  test('TE-21 TE-22 events of one feature of a case are in order; a header distinguishes two uploads', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen({ dialect: 'casewire' });
    const files = [
      await document('invoice'),
      await document('bank_statement'),
      await document('invoice'),
    ];
    const view = await partner.client.submit({ files, features: ['extraction'] });
    await untilCompleted(listener, view);
    const extraction = listener.receiver.requests.filter(
      (request) => eventOf(request).eventName === 'case.extraction.completed',
    );
    expect(extraction.map(({ headers }) => headers['webhook-sequence'])).toEqual(['1', '2', '3']);
    const uploads = extraction.map(({ headers }) => headers['casewire-upload-id']);
    expect(uploads.toSorted()).toEqual(view.uploads.map(({ id }) => id).toSorted());
    const times = extraction.map((request) => eventOf(request).payload.occurredAt);
    expect(times).toEqual(times.toSorted());
  });

  test('TE-23 TE-24 TE-25 a delivery that is not answered 2xx is retried with the same id, and later deliveries of its lane wait', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen({ dialect: 'truenroll' });
    const answers = [500, 404, 302, 429];
    listener.receiver.respond = (request, response) => {
      const isExtraction = eventOf(request).eventName.startsWith('case.extraction');
      response
        .writeHead(isExtraction ? (answers.shift() ?? 204) : 200, {
          location: 'http://127.0.0.1:1/',
        })
        .end();
    };
    const files = [await document('invoice'), await document('invoice')];
    await partner.client.submit({ files, features: ['extraction'] });
    await untilEvents(listener, 4);
    const extraction = listener.receiver.requests.filter((request) =>
      eventOf(request).eventName.startsWith('case.extraction'),
    );
    const ids = extraction.map(({ headers }) => headers['webhook-id']);
    expect(ids.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => ids[0]));
    expect(ids).toHaveLength(6);
    expect(ids[5]).not.toBe(ids[0]);
  });

  test('TE-26 a request without a response is retried', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen({ eventTypes: ['case.completed'] });
    let broken = 2;
    listener.receiver.respond = (_, response) => {
      if (broken-- > 0) response.destroy();
      else response.writeHead(200).end();
    };
    await partner.client.submit({ files: [await document('invoice')], features: ['extraction'] });
    await listener.receiver.until((requests) => requests.length >= 3);
    await expect
      .poll(
        async () =>
          (await partner.client.deliveries({ endpointId: listener.endpoint.id })).items[0],
      )
      .toMatchObject({ state: 'delivered', attempts: 3 });
    const { items } = await partner.client.deliveries({ endpointId: listener.endpoint.id });
    const { attemptLog } = await partner.client.delivery(items[0]!.id);
    expect(attemptLog.map(({ status }) => status)).toEqual([null, null, 200]);
    expect(attemptLog[0]?.error).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
    expect(new Set(attemptLog.map(({ requestBody }) => requestBody)).size).toBe(1);
  });

  test('TE-27 the documented Express handler receives every event without a change', async () => {
    const seen: string[] = [];
    const handleExtractionComplete = async (caseId: string, externalId: string | null) =>
      void seen.push(`extraction ${caseId} ${externalId}`);
    const handleExtractionFailed = async (caseId: string, externalId: string | null) =>
      void seen.push(`failed ${caseId} ${externalId}`);
    const handleForensicsComplete = async (caseId: string) => void seen.push(`forensics ${caseId}`);
    const app = express();
    app.post('/truenroll/webhook', express.json(), async (req, res) => {
      // Acknowledge immediately — TruEnroll will retry if it doesn't get 2xx
      res.sendStatus(200);

      const { eventName, payload } = req.body;

      switch (eventName) {
        case 'case.extraction.completed':
          await handleExtractionComplete(payload.caseId, payload.externalId);
          break;
        case 'case.extraction.failed':
          await handleExtractionFailed(payload.caseId, payload.externalId);
          break;
        case 'case.forensics.completed':
          await handleForensicsComplete(payload.caseId);
          break;
        // handle remaining events...
      }
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { port } = server.address() as { port: number };
      const partner = await platform().partner();
      await partner.client.createEndpoint({
        url: `http://127.0.0.1:${port}/truenroll/webhook`,
        dialect: 'truenroll',
      });
      const files = [await document('invoice'), await document('letter')];
      const { id } = await partner.client.submit({ files, externalId: 'applicant-27' });
      await expect
        .poll(() => seen.toSorted(), { timeout: 20_000 })
        .toEqual(
          [
            `extraction ${id} applicant-27`,
            `failed ${id} applicant-27`,
            `forensics ${id}`,
            `forensics ${id}`,
          ].toSorted(),
        );
      await expect
        .poll(async () => (await partner.client.deliveries({ state: 'delivered' })).items.length)
        .toBe(8);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('a case that always fails at the endpoint delays no other case', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen({
      dialect: 'truenroll',
      eventTypes: ['case.extraction.completed'],
    });
    const bad = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
      externalId: 'bad',
    });
    listener.receiver.respond = (request, response) =>
      void response.writeHead(eventOf(request).payload.externalId === 'bad' ? 500 : 200).end();
    const good = [];
    for (let i = 0; i < 5; i++) {
      good.push(
        await partner.client.submit({
          files: [await document('invoice')],
          features: ['extraction'],
        }),
      );
    }
    await untilEvents(listener, 6);
    await expect
      .poll(async () => (await partner.client.deliveries({ state: 'delivered' })).items.length)
      .toBe(good.length);
    const [waiting] = (await partner.client.deliveries({ state: 'pending' })).items;
    expect(waiting).toMatchObject({ eventType: 'case.extraction.completed', lastStatus: 500 });
    const { attemptLog } = await partner.client.delivery(waiting!.id);
    expect(attemptLog[0]?.requestBody).toContain(bad.id);
  });

  test('events of the time while an endpoint was disabled or down arrive in order afterwards', async () => {
    const partner = await platform().partner();
    const listener = await partner.listen({
      eventTypes: ['case.submitted', 'upload.received', 'case.completed'],
    });
    await partner.client.changeEndpoint(listener.endpoint.id, { enabled: false });
    const views = [];
    for (let i = 0; i < 4; i++) {
      views.push(
        await partner.client.submit({
          files: [await document('invoice')],
          features: ['extraction'],
        }),
      );
    }
    const pending = async () =>
      (await partner.client.deliveries({ state: 'pending', limit: 100 })).items.length;
    await expect.poll(pending, { timeout: 20_000 }).toBe(12);
    expect(listener.receiver.requests).toEqual([]);
    let down = 6;
    listener.receiver.respond = (_, response) => {
      if (down-- > 0) response.destroy();
      else response.writeHead(200).end();
    };
    await partner.client.changeEndpoint(listener.endpoint.id, { enabled: true });
    await untilEvents(listener, 12);
    for (const { id } of views) {
      const mine = listener.receiver.requests
        .map(eventOf)
        .filter(({ payload }) => payload.caseId === id);
      const inOrder = [...new Set(mine.map(({ eventName }) => eventName))];
      expect(inOrder).toEqual(['case.submitted', 'upload.received', 'case.completed']);
    }
  });
}

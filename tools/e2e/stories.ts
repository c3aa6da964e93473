import { setTimeout as delay } from 'node:timers/promises';

import { ApiError, OperatorClient, PartnerClient } from '@casewire/client';
import { Stage } from '@casewire/contracts';
import { decodeSecret, verify } from '@casewire/webhooks';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  document,
  eventOf,
  namesOf,
  stageNamesOf,
  untilCompleted,
  untilEvents,
  World,
} from './world.ts';

/** The stories of the main job, from REST to a real receiver, on whichever broker there is. */
export function describeStories(
  name: string,
  startBroker: () => Promise<{ brokers?: string; stop(): Promise<void> }>,
) {
  describe(name, () => {
    let world: World;
    let broker: Awaited<ReturnType<typeof startBroker>>;
    beforeAll(async () => {
      broker = await startBroker();
      world = await World.start({ ...(broker.brokers && { brokers: broker.brokers }) });
    });
    afterAll(async () => {
      await world?.stop();
      await broker?.stop();
    });

    test('TE-1 TE-2 TE-7 TE-9 TE-11 TE-13 TE-16 TE-17 each stage pushes an event of its own, in exactly the envelope', async () => {
      const partner = await world.partner();
      const listener = await partner.listen({ dialect: 'truenroll' });
      const view = await partner.client.submit({
        files: [await document('invoice')],
        externalId: 'applicant-1',
      });
      await untilEvents(listener, 4);
      const { requests } = listener.receiver;
      expect(namesOf(requests).toSorted()).toEqual(
        Stage.options.map((stage) => `case.${stage}.completed`).toSorted(),
      );
      for (const request of requests) {
        const occurredAt = expect.stringMatching(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
        ) as string;
        const payload = { caseId: view.id, externalId: 'applicant-1', occurredAt };
        expect(JSON.parse(request.body.toString())).toStrictEqual({
          eventName: eventOf(request).eventName,
          payload,
        });
        expect(request.headers['content-type']).toBe('application/json');
      }
    });

    test('every request is signed, and says its place in its lane', async () => {
      const partner = await world.partner();
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
      expect(lifecycle[2]?.headers['webhook-previous-id']).toBe(
        lifecycle[1]?.headers['webhook-id'],
      );
    });

    test('TE-3 TE-4 TE-5 TE-6 an operator provisions URL and audience; what is internal never reaches a partner', async () => {
      const partner = await world.partner();
      const forPartner = await partner.listen();
      const receiver = await world.receiver();
      const endpoint = await world.operator.provisionEndpoint(partner.organizationId, {
        url: receiver.url('/internal'),
        environment: 'sandbox',
        audience: 'internal',
      });
      expect(endpoint.audience).toBe('internal');
      const view = await partner.client.submit({
        files: [await document('invoice')],
        features: ['extraction'],
      });
      await untilCompleted(forPartner, view);
      await partner.client.deleteCase(view.id);
      await receiver.until((requests) => requests.length > 0);
      expect(namesOf(receiver.requests)).toEqual(['case.erased']);
      expect(namesOf(forPartner.receiver.requests)).not.toContain('case.erased');
    });

    test('TE-9 TE-13 TE-18 a receiver that fetches the result inside its handler always gets it', async () => {
      const partner = await world.partner();
      const listener = await partner.listen({ dialect: 'truenroll' });
      const fetched: unknown[] = [];
      listener.receiver.respond = async (request, response) => {
        const { eventName, payload } = eventOf(request);
        const stage = Stage.parse(eventName.split('.')[1]);
        const results = await partner.client.results(payload.caseId, stage);
        fetched.push(
          results.uploads[0]?.status,
          results.uploads[0]?.result === null ? 'no result' : 'result',
        );
        response.writeHead(200).end();
      };
      for (let i = 0; i < 3; i++)
        await partner.client.submit({ files: [await document('invoice')] });
      await expect.poll(() => fetched, { timeout: 20_000 }).toHaveLength(24);
      expect(fetched).toEqual(Array.from({ length: 12 }, () => ['completed', 'result']).flat());
    });

    test('TE-10 TE-29 TE-30 TE-31 TE-32 a failed stage is final, stops no other, and shows in the case', async () => {
      const partner = await world.partner();
      const listener = await partner.listen();
      const view = await partner.client.submit({ files: [await document('letter')] });
      await untilCompleted(listener, view);
      expect(stageNamesOf(listener.receiver.requests)).toEqual([
        'case.classification.completed',
        'case.extraction.failed',
        'case.forensics.completed',
        'case.translation.completed',
      ]);
      const results = await partner.client.results(view.id, 'classification');
      expect(results.uploads[0]?.result).toMatchObject({ documentType: 'unknown' });
      const after = await partner.client.case(view.id);
      expect(after).toMatchObject({ status: 'completed', result: 'partially_failed' });
      const extraction = after.uploads[0]?.stages.find(({ stage }) => stage === 'extraction');
      expect(extraction).toMatchObject({
        status: 'failed',
        failure: { code: 'DOCUMENT_TYPE_UNKNOWN' },
      });
    });

    test('TE-14 a translation below its coverage threshold fails, with the reason', async () => {
      const partner = await world.partner();
      const listener = await partner.listen();
      const view = await partner.client.submit({
        files: [await document('legal_text')],
        features: ['translation'],
      });
      await untilCompleted(listener, view);
      expect(stageNamesOf(listener.receiver.requests)).toContain('case.translation.failed');
      const { uploads } = await partner.client.results(view.id, 'translation');
      expect(uploads[0]).toMatchObject({
        status: 'failed',
        failure: { code: 'TRANSLATION_COVERAGE_BELOW_THRESHOLD' },
      });
    });

    test('TE-15 TE-33 only events of requested features arrive', async () => {
      const partner = await world.partner();
      const listener = await partner.listen();
      const view = await partner.client.submit({
        files: [await document('invoice')],
        features: ['extraction', 'forensics'],
      });
      await untilCompleted(listener, view);
      expect(stageNamesOf(listener.receiver.requests)).toEqual([
        'case.classification.completed',
        'case.extraction.completed',
        'case.forensics.completed',
      ]);
    });

    test('TE-19 TE-20 externalId is null if none was given, and occurredAt is when the stage finished', async () => {
      const partner = await world.partner();
      const listener = await partner.listen({ dialect: 'truenroll' });
      let refused = true;
      listener.receiver.respond = (_, response) => {
        response.writeHead(refused ? 500 : 200).end();
        refused = false;
      };
      const view = await partner.client.submit({
        files: [await document('invoice')],
        features: ['extraction'],
      });
      await listener.receiver.until((requests) => requests.length >= 3);
      const stages = (await partner.client.case(view.id)).uploads[0]!.stages;
      for (const request of listener.receiver.requests) {
        const { eventName, payload } = eventOf(request);
        expect(payload.externalId).toBeNull();
        expect(payload.occurredAt).toBe(
          stages.find(({ stage }) => eventName.includes(stage))?.finishedAt,
        );
      }
    });

    test('TE-21 TE-22 events of one feature of a case are in order; two uploads are told apart by a header', async () => {
      const partner = await world.partner();
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

    test('TE-23 TE-24 TE-25 what is not answered 2xx comes again with the same id, and holds what is behind it in its lane', async () => {
      const partner = await world.partner();
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

    test('TE-26 a request that is not answered is made again', async () => {
      const partner = await world.partner();
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

    test('TE-27 the documented handler, in Express, unchanged, receives every event', async () => {
      const seen: string[] = [];
      const handleExtractionComplete = async (caseId: string, externalId: string | null) =>
        void seen.push(`extraction ${caseId} ${externalId}`);
      const handleExtractionFailed = async (caseId: string, externalId: string | null) =>
        void seen.push(`failed ${caseId} ${externalId}`);
      const handleForensicsComplete = async (caseId: string) =>
        void seen.push(`forensics ${caseId}`);
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
        const partner = await world.partner();
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

    test('TE-28 TE-33 an upload with classify:false yields neither classification event', async () => {
      const partner = await world.partner();
      const listener = await partner.listen();
      const view = await partner.client.submit({
        files: [await document('invoice'), await document('bank_statement')],
        features: ['extraction'],
        classify: [false, true],
      });
      await untilCompleted(listener, view);
      const classified = listener.receiver.requests.filter((request) =>
        eventOf(request).eventName.startsWith('case.classification'),
      );
      expect(classified.map(({ headers }) => headers['casewire-upload-id'])).toEqual([
        view.uploads[1]?.id,
      ]);
      expect(
        stageNamesOf(listener.receiver.requests).filter(
          (one) => one === 'case.extraction.completed',
        ),
      ).toHaveLength(2);
    });

    test('TE-L4 cases are listed, read and deleted; the key is taken from either header', async () => {
      const partner = await world.partner();
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { id } = await partner.client.submit({
          files: [await document('invoice')],
          features: ['extraction'],
        });
        ids.push(id);
      }
      const first = await partner.client.cases({ limit: 2 });
      const second = await partner.client.cases({ limit: 2, cursor: first.next! });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
      expect(second.next).toBeNull();
      await expect(partner.client.cases({ limit: 101 })).rejects.toMatchObject({
        problem: { errors: [{ field: 'limit' }] },
      });
      const byHeader = await fetch(`${world.platform.url}/partner/v1/cases/${ids[0]}`, {
        headers: { 'x-api-key': partner.key },
      });
      expect(byHeader.status).toBe(200);
      await partner.client.deleteCase(ids[0]!);
      await expect(partner.client.case(ids[0]!)).rejects.toMatchObject({ status: 404 });
      expect((await partner.client.cases()).items.map(({ id }) => id)).not.toContain(ids[0]);
    });

    test('TE-L5 a case is completed only when every upload and every feature in it is over', async () => {
      const partner = await world.partner();
      const listener = await partner.listen();
      const files = [await document('invoice'), await document('bank_statement')];
      const view = await partner.client.submit({ files });
      await untilCompleted(listener, view);
      const after = await partner.client.case(view.id);
      expect(after.uploads.flatMap(({ stages }) => stages.map(({ status }) => status))).toEqual(
        Array.from({ length: 8 }, () => 'completed'),
      );
      const last = listener.receiver.requests
        .map(eventOf)
        .find(({ eventName }) => eventName === 'case.completed');
      expect(last?.payload).toMatchObject({ result: 'succeeded', occurredAt: after.completedAt });
    });

    test('an endpoint that was created before a case gets its events, however far behind delivery’s view is', async () => {
      const partner = await world.partner();
      const release = world.platform.delivery.views.endpoints.hold();
      try {
        const listener = await partner.listen();
        const view = await partner.client.submit({
          files: [await document('invoice')],
          features: ['extraction'],
        });
        await expect
          .poll(async () => (await partner.client.case(view.id)).status, { timeout: 20_000 })
          .toBe('completed');
        await delay(200);
        expect(listener.receiver.requests).toEqual([]);
        release();
        await untilCompleted(listener, view);
        expect(namesOf(listener.receiver.requests)).toContain('case.submitted');
      } finally {
        release();
      }
    });

    test('an API key can be used at once, and a revoked one soon no more', async () => {
      const organization = await world.operator.createOrganization({ name: 'New' });
      for (let i = 0; i < 10; i++) {
        const { key } = await world.operator.createApiKey(organization.id, {
          environment: 'production',
        });
        await expect(new PartnerClient(world.platform.url, key).cases()).resolves.toEqual({
          items: [],
          next: null,
        });
      }
      const { key, id } = await world.operator.createApiKey(organization.id, {
        environment: 'sandbox',
      });
      const client = new PartnerClient(world.platform.url, key);
      await client.cases();
      await world.operator.revokeApiKey(organization.id, id);
      await expect
        .poll(() => client.cases().catch((error: ApiError) => error.status), { timeout: 5000 })
        .toBe(401);
    });

    test('a case that always fails at the endpoint delays no other case', async () => {
      const partner = await world.partner();
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

    test('what came while an endpoint was disabled or down arrives in order when it is back', async () => {
      const partner = await world.partner();
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

    test('operators and partners do not have each other’s keys', async () => {
      const partner = await world.partner();
      await expect(
        new OperatorClient(world.platform.url, partner.key).createOrganization({ name: 'x' }),
      ).rejects.toMatchObject({ status: 401 });
      await expect(
        new PartnerClient(world.platform.url, world.platform.operatorKey).cases(),
      ).rejects.toMatchObject({ status: 401 });
    });
  });
}

import { Stage } from '@casewire/contracts';
import { expect, test } from 'vitest';

import {
  document,
  eventOf,
  namesOf,
  stageNamesOf,
  untilCompleted,
  untilEvents,
  type RunningPlatform,
  type TestPlatform,
} from '../test-platform.ts';

/** The events and results of a case. */
export function resultScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  test('TE-1 TE-2 TE-7 TE-9 TE-11 TE-13 TE-16 TE-17 each stage leads to its own event, in exactly the documented envelope', async () => {
    const partner = await platform().partner();
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

  test('TE-9 TE-13 TE-18 a receiver that fetches the result in its handler always gets it', async () => {
    const partner = await platform().partner();
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
    for (let i = 0; i < 3; i++) await partner.client.submit({ files: [await document('invoice')] });
    await expect.poll(() => fetched, { timeout: 20_000 }).toHaveLength(24);
    expect(fetched).toEqual(Array.from({ length: 12 }, () => ['completed', 'result']).flat());
  });

  test('TE-10 TE-29 TE-30 TE-31, part of TE-32: a failed stage is final, does not stop other stages, and is visible in the case', async () => {
    const partner = await platform().partner();
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
    const partner = await platform().partner();
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
    const partner = await platform().partner();
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
    const partner = await platform().partner();
    const listener = await partner.listen({ dialect: 'truenroll' });
    let failing = true;
    listener.receiver.respond = (_, response) => {
      response.writeHead(failing ? 500 : 200).end();
      failing = false;
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

  test('TE-28 TE-33 an upload with classify:false yields neither classification event', async () => {
    const partner = await platform().partner();
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
      stageNamesOf(listener.receiver.requests).filter((one) => one === 'case.extraction.completed'),
    ).toHaveLength(2);
  });

  test('TE-L5 a case is completed only when every stage of every upload is terminal', async () => {
    const partner = await platform().partner();
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
}

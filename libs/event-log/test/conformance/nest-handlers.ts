import {
  Controller,
  type INestMicroservice,
  Inject,
  Module,
  StandardSchemaValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { IncomingRecord } from '../../src/client/record.ts';
import { EventLogContext } from '../../src/consumer/event-log-context.ts';
import { EventLogTransport } from '../../src/consumer/event-log.transport.ts';
import { OnBatch, OnRecord } from '../../src/consumer/handler-decorators.ts';
import { HandlerFailures } from '../../src/consumer/handler-failures.interceptor.ts';
import type { EventLog } from '../../src/event-log.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const StageRequested = z.object({ caseId: z.string(), pages: z.number().default(1) });
type StageRequested = z.infer<typeof StageRequested>;

interface Handled {
  request: StageRequested;
  key: string | null;
  aborted: boolean;
}

const Topics = { requests: 'nest.requests', events: 'nest.events', plain: 'nest.plain' } as const;

/** The calls of the handlers of a service. */
class HandlerCalls {
  readonly handled = new Recorder<Handled>();
  readonly batches = new Recorder<IncomingRecord[]>();
  readonly tried = new Recorder<string>();
}

@Controller()
class Stage {
  constructor(@Inject(HandlerCalls) private readonly calls: HandlerCalls) {}

  @OnRecord(Topics.requests)
  examine(
    @Payload({ schema: StageRequested }) request: StageRequested,
    @Ctx() { record, signal }: EventLogContext,
  ): Promise<void> {
    this.calls.tried.add(request.caseId);
    if (request.caseId === 'crash') return Promise.reject(new Error('the engine stopped'));
    this.calls.handled.add({ request, key: record.key, aborted: signal.aborted });
    return Promise.resolve();
  }

  @OnBatch(Topics.events)
  handleBatch(@Payload() records: IncomingRecord[]): void {
    this.calls.batches.add(records);
  }
}

@Controller()
class PlainStage {
  constructor(@Inject(HandlerCalls) private readonly calls: HandlerCalls) {}

  @EventPattern(Topics.plain)
  examine(@Payload({ schema: StageRequested }) request: StageRequested): void {
    this.calls.tried.add(request.caseId);
  }
}

@Module({ controllers: [Stage, PlainStage], providers: [HandlerCalls] })
class Service {}

export function describeNestHandlers(broker: BrokerUnderTest): void {
  describe('handlers of a Nest service', () => {
    const bench = new Workbench(broker);

    async function started(log: EventLog, setUp?: (app: INestMicroservice) => void) {
      await log.ensureTopics([
        { topic: Topics.requests, partitions: 1 },
        { topic: Topics.events, partitions: 1 },
        { topic: Topics.plain, partitions: 1 },
      ]);
      const transport = new EventLogTransport({ log, groupId: 'nest', retry: { backoffMs: 5 } });
      const app = await NestFactory.createMicroservice(Service, {
        strategy: transport,
        logger: false,
      });
      setUp?.(app);
      bench.cleanup(() => app.close());
      await app.listen();
      return { transport, calls: app.get(HandlerCalls) };
    }

    test('a method gets the parsed and validated record of its topic, or a batch of records', async () => {
      const log = bench.log();
      const { transport, calls } = await started(log);
      await log.send([
        { topic: Topics.requests, key: 'c1', value: '{"caseId":"c1"}' },
        { topic: Topics.events, key: 'e1', value: 'anything' },
        { topic: Topics.events, key: 'e2', value: 'at all' },
      ]);
      await calls.handled.count(1);
      expect(calls.handled.seen).toEqual([
        { request: { caseId: 'c1', pages: 1 }, key: 'c1', aborted: false },
      ]);
      await calls.batches.until('both records', (seen) => seen.flat().length === 2);
      expect(calls.batches.seen.flat().map(({ key }) => key)).toEqual(['e1', 'e2']);
      expect(transport.healthy).toBe(true);
    });

    test('a record that is not JSON or fails the schema is dead-lettered at once, and one of a failing handler after its tries', async () => {
      const log = bench.log();
      const { calls } = await started(log);
      const letters = await bench.deadLetters(log, Topics.requests);
      const values = ['{"caseId":', '{"caseId":7}', '{"caseId":"crash"}', '{"caseId":"good"}'];
      await log.send(values.map((value) => ({ topic: Topics.requests, key: 'k', value })));
      await calls.handled.count(1);
      await letters.count(3);
      expect(calls.tried.seen).toEqual([...Array.from({ length: 5 }, () => 'crash'), 'good']);
      const reasons = letters.seen.map(({ headers }) => [
        headers['dlq-tries'],
        headers['dlq-reason'],
      ]);
      expect(reasons).toEqual([
        ['1', 'the value is not JSON'],
        ['1', expect.stringMatching(/^caseId: .*expected string/)],
        ['5', 'the engine stopped'],
      ]);
    });

    test('a plain event pattern does the same in a service that registers the pipe and the interceptor', async () => {
      const log = bench.log();
      const { calls } = await started(log, (app) => {
        app.useGlobalPipes(new StandardSchemaValidationPipe());
        app.useGlobalInterceptors(new HandlerFailures());
      });
      const letters = await bench.deadLetters(log, Topics.plain);
      await log.send([
        { topic: Topics.plain, key: 'k', value: '{"caseId":7}' },
        { topic: Topics.plain, key: 'k', value: '{"caseId":"good"}' },
      ]);
      await calls.tried.until('the good one', (seen) => seen.includes('good'));
      await letters.count(1);
      expect(letters.seen[0]?.headers['dlq-tries']).toBe('1');
    });
  });
}

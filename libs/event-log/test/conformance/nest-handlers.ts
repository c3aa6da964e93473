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

const Topics = { requests: 'nest.requests', facts: 'nest.facts', plain: 'nest.plain' } as const;

/** What reached the handlers of a service. */
class Reached {
  readonly handled = new Recorder<Handled>();
  readonly batches = new Recorder<IncomingRecord[]>();
  readonly tried = new Recorder<string>();
}

@Controller()
class Stage {
  constructor(@Inject(Reached) private readonly reached: Reached) {}

  @OnRecord(Topics.requests)
  examine(
    @Payload({ schema: StageRequested }) request: StageRequested,
    @Ctx() { record, signal }: EventLogContext,
  ): Promise<void> {
    this.reached.tried.add(request.caseId);
    if (request.caseId === 'crash') return Promise.reject(new Error('the engine stopped'));
    this.reached.handled.add({ request, key: record.key, aborted: signal.aborted });
    return Promise.resolve();
  }

  @OnBatch(Topics.facts)
  take(@Payload() records: IncomingRecord[]): void {
    this.reached.batches.add(records);
  }
}

@Controller()
class PlainStage {
  constructor(@Inject(Reached) private readonly reached: Reached) {}

  @EventPattern(Topics.plain)
  examine(@Payload({ schema: StageRequested }) request: StageRequested): void {
    this.reached.tried.add(request.caseId);
  }
}

@Module({ controllers: [Stage, PlainStage], providers: [Reached] })
class Service {}

export function describeNestHandlers(broker: BrokerUnderTest): void {
  describe('handlers of a Nest service', () => {
    const bench = new Workbench(broker);

    async function started(log: EventLog, setUp?: (app: INestMicroservice) => void) {
      await log.ensureTopics([
        { topic: Topics.requests, partitions: 1 },
        { topic: Topics.facts, partitions: 1 },
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
      return { transport, reached: app.get(Reached) };
    }

    test('a method gets the parsed and validated record of its topic, or a batch of records', async () => {
      const log = bench.log();
      const { transport, reached } = await started(log);
      await log.send([
        { topic: Topics.requests, key: 'c1', value: '{"caseId":"c1"}' },
        { topic: Topics.facts, key: 'e1', value: 'anything' },
        { topic: Topics.facts, key: 'e2', value: 'at all' },
      ]);
      await reached.handled.count(1);
      expect(reached.handled.seen).toEqual([
        { request: { caseId: 'c1', pages: 1 }, key: 'c1', aborted: false },
      ]);
      await reached.batches.until('both records', (seen) => seen.flat().length === 2);
      expect(reached.batches.seen.flat().map(({ key }) => key)).toEqual(['e1', 'e2']);
      expect(transport.healthy).toBe(true);
    });

    test('what is no JSON and what fails the schema is a dead letter at once, a failing handler after its tries', async () => {
      const log = bench.log();
      const { reached } = await started(log);
      const letters = await bench.deadLetters(log, Topics.requests);
      const values = ['{"caseId":', '{"caseId":7}', '{"caseId":"crash"}', '{"caseId":"good"}'];
      await log.send(values.map((value) => ({ topic: Topics.requests, key: 'k', value })));
      await reached.handled.count(1);
      await letters.count(3);
      expect(reached.tried.seen).toEqual([...Array.from({ length: 5 }, () => 'crash'), 'good']);
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

    test('a plain event pattern does the same in a service that registers pipe and interceptor', async () => {
      const log = bench.log();
      const { reached } = await started(log, (app) => {
        app.useGlobalPipes(new StandardSchemaValidationPipe());
        app.useGlobalInterceptors(new HandlerFailures());
      });
      const letters = await bench.deadLetters(log, Topics.plain);
      await log.send([
        { topic: Topics.plain, key: 'k', value: '{"caseId":7}' },
        { topic: Topics.plain, key: 'k', value: '{"caseId":"good"}' },
      ]);
      await reached.tried.until('the good one', (seen) => seen.includes('good'));
      await letters.count(1);
      expect(letters.seen[0]?.headers['dlq-tries']).toBe('1');
    });
  });
}

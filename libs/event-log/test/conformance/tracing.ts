import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { IncomingRecord } from '../../src/client/record.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

export function describeTracing(broker: BrokerUnderTest): void {
  describe('traces', () => {
    const bench = new Workbench(broker);
    const exporter = new InMemorySpanExporter();
    beforeAll(() => {
      new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
    });
    afterAll(() => {
      trace.disable();
      context.disable();
      propagation.disable();
    });

    const consumerSpan = (topic: string) =>
      exporter
        .getFinishedSpans()
        .find(({ kind, name }) => kind === SpanKind.CONSUMER && name === `process ${topic}`);

    test('the trace of the sender continues in the handler, and in the records that the handler sends', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const onward = await bench.topic(log, 1);
      const arrived = await bench.reader(log, onward);
      const consumer = bench.keyed({
        log,
        topics: [topic],
        handle: () => log.send([{ topic: onward, key: 'k', value: 'onward' }]),
      });
      await consumer.start();
      const tracer = trace.getTracer('test');
      const sender = await tracer.startActiveSpan('sender', async (span) => {
        await log.send([{ topic, key: 'k', value: 'v' }]);
        span.end();
        return span.spanContext();
      });
      await arrived.count(1);
      await consumer.stop();
      const span = consumerSpan(topic);
      expect(span?.spanContext().traceId).toBe(sender.traceId);
      expect(span?.parentSpanContext?.spanId).toBe(sender.spanId);
      expect(arrived.seen[0]?.headers.traceparent).toBe(
        `00-${sender.traceId}-${span?.spanContext().spanId}-01`,
      );
    });

    test('a stored traceparent is not changed', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const arrived = await bench.reader(log, topic);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await trace.getTracer('test').startActiveSpan('relay', async (span) => {
        await log.send([{ topic, key: 'k', value: 'v', headers: { traceparent } }]);
        span.end();
      });
      await arrived.count(1);
      expect(arrived.seen[0]?.headers.traceparent).toBe(traceparent);
    });

    test('a batch has its own trace, which links to the traces of its records', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const traceIds = ['0af7651916cd43dd8448eb211c80319c', '1bf7651916cd43dd8448eb211c80319c'];
      await log.send([
        ...traceIds.map((traceId) => ({
          topic,
          key: 'k',
          value: 'v',
          headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
        })),
        { topic, key: 'k', value: 'v', headers: { traceparent: 'gibberish' } },
      ]);
      const handled = new Recorder<IncomingRecord[]>();
      const consumer = bench.batch({
        log,
        topics: [topic],
        handle: (records) => {
          handled.add(records);
          return Promise.resolve();
        },
      });
      await consumer.start();
      await handled.count(1);
      await consumer.stop();
      const span = consumerSpan(topic);
      expect(span?.links.map(({ context: { traceId } }) => traceId)).toEqual(traceIds);
      expect(traceIds).not.toContain(span?.spanContext().traceId);
    });
  });
}

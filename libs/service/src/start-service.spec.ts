import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { testDatabase, testFolder } from '@casewire/testing';
import { Controller, Get } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { settings } from './config.ts';
import { kafkaSettings } from './kafka-access.ts';
import type { ServiceContext } from './service-context.ts';
import { startService, type ServiceDefinition } from './start-service.ts';

class Greeting {
  constructor(readonly text: string) {}
}

@Controller('greeting')
class GreetingController {
  constructor(private readonly greeting: Greeting) {}
  @Get()
  get() {
    return { text: this.greeting.text };
  }
}

const Config = z.object({
  ...kafkaSettings,
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});

const folder = testFolder('start-service');
let broker: EmbeddedKafka;
beforeAll(async () => {
  broker = new EmbeddedKafka({ directory: folder });
  await broker.start();
});
afterAll(() => broker.stop());

const env = () => ({ KAFKA_BROKERS: broker.brokers, LOG_LEVEL: 'silent' });
const greeter = (
  build: (context: ServiceContext<z.infer<typeof Config>>) => Promise<void>,
  begin?: () => Promise<void>,
): ServiceDefinition<typeof Config> => ({
  name: 'greeter',
  config: Config,
  async parts(context) {
    await build(context);
    return {
      controllers: [GreetingController],
      providers: [new Greeting('hello')],
      port: 0,
      ...(begin && { begin }),
    };
  },
});

test('instances are injected into controllers by class; a stop closes everything in reverse order', async () => {
  const closed: string[] = [];
  const service = await startService(
    greeter(async (context) => {
      context.onStop(() => void closed.push('first'));
      await context.openEventLog();
      context.onStop(async () => void closed.push('second'));
    }),
    env(),
  );
  expect(await (await fetch(`${service.url}/greeting`)).json()).toEqual({ text: 'hello' });
  await service.stop();
  expect(closed).toEqual(['second', 'first']);
  await expect(fetch(`${service.url}/greeting`)).rejects.toThrow('fetch failed');
});

test('metrics are served on a port of their own until everything else has stopped', async () => {
  const scraped: string[] = [];
  let url = '';
  const service = await startService(
    greeter(async (context) => {
      const { meter } = await context.openMetrics(0);
      const greetings = meter.createCounter('greetings');
      context.onStop(async () => {
        greetings.add(2);
        scraped.push(await (await fetch(url)).text());
      });
    }),
    env(),
  );
  url = service.metricsUrl!;
  expect(new URL(url).port).not.toBe(new URL(service.url).port);
  await service.stop();
  expect(scraped[0]).toContain('greetings_total 2\n');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('without a port for them no metrics are served', async () => {
  const service = await startService(
    greeter(async (context) => void (await context.openMetrics(undefined))),
    env(),
  );
  expect(service.metricsUrl).toBeUndefined();
  await service.stop();
});

test('a service with a database and a broker is ready when both respond', async () => {
  const database = await testDatabase();
  const service = await startService(
    greeter(async (context) => {
      await context.openDatabase(database.url, []);
      await context.openEventLog();
    }),
    env(),
  );
  const ready = await fetch(`${service.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  await service.stop();
  await database.drop();
});

test.each([
  ['its parts', true],
  ['its background work', false],
])(
  'a start that fails in %s closes everything that was opened, and reports the failure',
  async (_, inParts) => {
    const closed: string[] = [];
    const fail = () => Promise.reject(new Error('cannot start'));
    const definition = greeter(
      async (context) => {
        context.onStop(() => void closed.push('opened'));
        if (inParts) await fail();
      },
      inParts ? undefined : fail,
    );
    await expect(startService(definition, env())).rejects.toThrow('cannot start');
    expect(closed).toEqual(['opened']);
  },
);

test('a step of the stop that fails is reported, and keeps no other from running', async () => {
  const closed: string[] = [];
  const service = await startService(
    greeter(async (context) => {
      context.onStop(() => void closed.push('first'));
      context.onStop(() => Promise.reject(new Error('cannot close')));
      context.onStop(() => void closed.push('last'));
    }),
    env(),
  );
  await expect(service.stop()).rejects.toThrow('cannot close');
  expect(closed).toEqual(['last', 'first']);
});

import 'reflect-metadata';
import { createLogger, type Logger } from '@casewire/telemetry';
import { Controller, Get, Module } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startHttpService, type RunningService } from './http-service.ts';

const lines: string[] = [];
const logger: Logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });

@Controller('work')
class WorkController {
  @Get()
  async work() {
    await new Promise(setImmediate);
    logger.info({ event: 'work.done' });
    throw new Error('the database is on fire');
  }
}

@Module({ controllers: [WorkController] })
class WorkModule {}

let service: RunningService;
beforeAll(async () => {
  const options = { module: WorkModule, name: 'work', port: 0, host: '127.0.0.1', logger };
  service = await startHttpService(options);
});
afterAll(() => service.stop());

test('every log line of a request has its id, and so has the response', async () => {
  lines.length = 0;
  const response = await fetch(`${service.url}/work`, {
    headers: { 'x-request-id': 'request-0815', connection: 'close' },
  });
  expect(await response.json()).toMatchObject({ code: 'INTERNAL', requestId: 'request-0815' });
  await expect.poll(() => lines.length).toBe(3);
  const logged = lines.map((line) => JSON.parse(line) as { event: string; requestId: string });
  expect(logged.map(({ event }) => event)).toEqual(['work.done', 'http.failed', 'http.answered']);
  expect(new Set(logged.map(({ requestId }) => requestId))).toEqual(new Set(['request-0815']));
});

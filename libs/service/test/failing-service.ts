import 'reflect-metadata';
import { createLogger, startTelemetry } from '@casewire/telemetry';
import { Controller, Get, Module } from '@nestjs/common';

import { runProcess, startHttpService } from '../src/index.ts';

@Controller()
class FailingController {
  @Get('throw')
  throws(): Promise<never> {
    // As a library's callback does: no promise of the handler sees it.
    setTimeout(() => {
      throw new Error('thrown in a callback');
    });
    return new Promise(() => undefined);
  }

  @Get('reject')
  rejects(): Promise<never> {
    void Promise.reject(new Error('rejected where nobody listens'));
    return new Promise(() => undefined);
  }
}

@Module({ controllers: [FailingController] })
class FailingModule {}

await runProcess('failing', () => {
  startTelemetry('failing');
  const logger = createLogger('failing');
  return startHttpService({
    module: FailingModule,
    name: 'failing',
    port: 0,
    host: '127.0.0.1',
    logger,
  });
});

import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { ServiceEnded } from './service-process.ts';
import { SupervisedService } from './supervised-service.ts';

/** A service whose process ends when the test calls `die`. */
class FakeService {
  readonly name = 'cases';
  readonly ending = 'SIGKILL';
  readonly pid = 1;
  starts = 0;
  startable = true;
  private death = Promise.withResolvers<void>();

  start(): Promise<string> {
    this.starts++;
    if (!this.startable) return Promise.reject(new ServiceEnded('cases ended'));
    this.death = Promise.withResolvers();
    return Promise.resolve(`http://127.0.0.1:${this.starts}`);
  }

  gone(): Promise<void> {
    return this.death.promise;
  }

  stop(): Promise<void> {
    this.death.resolve();
    return Promise.resolve();
  }

  die(): void {
    this.death.resolve();
  }
}

function supervised() {
  const service = new FakeService();
  const seen = { urls: [] as string[], lines: [] as string[], pauses: [] as number[] };
  let time = 0;
  const supervisor = new SupervisedService({
    service,
    onUrl: (url) => seen.urls.push(url),
    print: (line) => seen.lines.push(line),
    pause: (ms) => {
      seen.pauses.push(ms);
      return turn();
    },
    now: () => time,
  });
  return { service, seen, supervisor, pass: (ms: number) => (time += ms) };
}

test('a service that dies is reported and started again, and its new URL is given', async () => {
  const { service, seen, supervisor } = supervised();
  await supervisor.start();
  service.die();
  await expect.poll(() => seen.urls).toEqual(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  expect(seen.lines).toContain('cases ended (SIGKILL), and is started again in 0.5 s');
  await supervisor.stop();
  expect(service.starts).toBe(2);
});

test('the pause doubles with each death in a row, up to 30 s', async () => {
  const { service, seen, supervisor } = supervised();
  await supervisor.start();
  service.startable = false;
  service.die();
  await expect.poll(() => seen.pauses.length).toBeGreaterThan(8);
  await supervisor.stop();
  expect(seen.pauses.slice(0, 9)).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('after a long run the pause is the shortest again', async () => {
  const { service, seen, supervisor, pass } = supervised();
  await supervisor.start();
  for (const [run, durationMs] of [1000, 1000, 120_000].entries()) {
    pass(durationMs);
    service.die();
    await expect.poll(() => seen.urls.length).toBe(run + 2);
  }
  await supervisor.stop();
  expect(seen.pauses).toEqual([500, 1000, 500]);
});

test('a first start that fails is not repeated', async () => {
  const { service, supervisor } = supervised();
  service.startable = false;
  await expect(supervisor.start()).rejects.toThrow(ServiceEnded);
  expect(service.starts).toBe(1);
});

test('a service that is stopped while it waits for its next start stays stopped', async () => {
  const service = new FakeService();
  const waiting = Promise.withResolvers<void>();
  const pause = (_: number, signal: AbortSignal) => {
    waiting.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  const supervisor = new SupervisedService({ service, onUrl: () => {}, print: () => {}, pause });
  await supervisor.start();
  service.die();
  await waiting.promise;
  await supervisor.stop();
  expect(service.starts).toBe(1);
});

import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { ServiceEnded } from './service-process.ts';
import { SupervisedService } from './supervised-service.ts';

/** A service whose process dies when the test says so. */
class Mortal {
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

function kept() {
  const service = new Mortal();
  const seen = { urls: [] as string[], said: [] as string[], pauses: [] as number[] };
  let time = 0;
  const keeper = new SupervisedService({
    service,
    onUrl: (url) => seen.urls.push(url),
    say: (line) => seen.said.push(line),
    pause: (ms) => {
      seen.pauses.push(ms);
      return turn();
    },
    now: () => time,
  });
  return { service, seen, keeper, pass: (ms: number) => (time += ms) };
}

test('a service that dies is reported, and started again where it can be found', async () => {
  const { service, seen, keeper } = kept();
  await keeper.start();
  service.die();
  await expect.poll(() => seen.urls).toEqual(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  expect(seen.said).toContain('cases ended (SIGKILL), and is started again in 0.5 s');
  await keeper.stop();
  expect(service.starts).toBe(2);
});

test('the pause grows with each death in a row, up to half a minute', async () => {
  const { service, seen, keeper } = kept();
  await keeper.start();
  service.startable = false;
  service.die();
  await expect.poll(() => seen.pauses.length).toBeGreaterThan(8);
  await keeper.stop();
  expect(seen.pauses.slice(0, 9)).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('after a long life a death is the first one again', async () => {
  const { service, seen, keeper, pass } = kept();
  await keeper.start();
  for (const [life, deaths] of [1000, 1000, 120_000].entries()) {
    pass(deaths);
    service.die();
    await expect.poll(() => seen.urls.length).toBe(life + 2);
  }
  await keeper.stop();
  expect(seen.pauses).toEqual([500, 1000, 500]);
});

test('a first start that fails is not tried again', async () => {
  const { service, keeper } = kept();
  service.startable = false;
  await expect(keeper.start()).rejects.toThrow(ServiceEnded);
  expect(service.starts).toBe(1);
});

test('a service that is stopped while it waits for its next start stays stopped', async () => {
  const service = new Mortal();
  const waiting = Promise.withResolvers<void>();
  const pause = (_: number, signal: AbortSignal) => {
    waiting.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  const keeper = new SupervisedService({ service, onUrl: () => {}, say: () => {}, pause });
  await keeper.start();
  service.die();
  await waiting.promise;
  await keeper.stop();
  expect(service.starts).toBe(1);
});

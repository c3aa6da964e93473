import { Agent } from 'undici';
import { expect, vi } from 'vitest';

import { AttemptWriter } from '../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher, type DispatcherOptions } from '../src/engine/dispatch/dispatcher.ts';
import type { SendResult, OutgoingRequest } from '../src/engine/dispatch/sender.ts';
import { namedId } from './events.ts';
import { KeptLog, ScriptedStore } from './scripted-store.ts';

/** However busy the machine is. */
export const patience = { timeout: 20_000 };

export const secret = Buffer.alloc(32, 7);

export const answered = (status: number): SendResult => ({
  status,
  headers: { server: 'some' },
  body: Buffer.from('said'),
  error: null,
});

async function untilRecorded({ results: outcomes }: ScriptedStore, count: number): Promise<void> {
  await vi.waitFor(() => expect(outcomes).toHaveLength(count), patience);
}

/** Dispatchers on lanes that give out what they are told to; nothing goes over the network. */
export class DispatcherFixture {
  readonly store = new ScriptedStore();
  readonly log = new KeptLog();
  readonly sent: OutgoingRequest[] = [];
  respond: (request: OutgoingRequest) => Promise<SendResult> = async () => answered(200);
  /** The monotonic clock, in milliseconds. */
  monotonicMs = 0;
  private readonly http = new Agent();
  private readonly running: Dispatcher[] = [];

  start(over: Partial<DispatcherOptions> = {}): Dispatcher {
    const { store: lanes, log, http } = this;
    const made = new Dispatcher({
      leaseHolder: namedId('leaseHolder'),
      slots: 4,
      store: lanes,
      attemptWriter: new AttemptWriter(lanes, namedId('leaseHolder'), log, () => this.monotonicMs),
      targetOf: () => ({
        url: 'https://receiver.test/',
        secrets: [secret],
        token: null,
        headers: {},
        http,
      }),
      policyOf: () => ({ delays: null, onExhausted: 'skip' }),
      send: (request) => {
        this.sent.push(request);
        return this.respond(request);
      },
      now: () => new Date('2026-01-22T10:30:00Z'),
      monotonic: () => this.monotonicMs,
      random: () => 0.5,
      timeFactor: 1,
      logger: log,
      idleMs: 10,
      ...over,
    });
    this.running.push(made);
    made.start();
    return made;
  }

  /** Waits until so many outcomes are on record. */
  untilRecorded(count = 1): Promise<void> {
    return untilRecorded(this.store, count);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((one) => one.stop()));
    await this.http.close();
  }
}

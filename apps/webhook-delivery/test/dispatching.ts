import { Agent } from 'undici';
import { expect, vi } from 'vitest';

import { AttemptWriter } from '../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher, type DispatcherOptions } from '../src/engine/dispatch/dispatcher.ts';
import type { Answer, OutgoingRequest } from '../src/engine/dispatch/sender.ts';
import { namedId } from './events.ts';
import { KeptLog, ScriptedLanes } from './scripted-lanes.ts';

/** However busy the machine is. */
export const patience = { timeout: 20_000 };

export const secret = Buffer.alloc(32, 7);

export const answered = (status: number): Answer => ({
  status,
  headers: { server: 'some' },
  body: Buffer.from('said'),
  error: null,
});

async function untilRecorded({ outcomes }: ScriptedLanes, count: number): Promise<void> {
  await vi.waitFor(() => expect(outcomes).toHaveLength(count), patience);
}

/** Dispatchers on lanes that give out what they are told to; nothing goes over the network. */
export class Dispatching {
  readonly lanes = new ScriptedLanes();
  readonly log = new KeptLog();
  readonly sent: OutgoingRequest[] = [];
  answer: (request: OutgoingRequest) => Promise<Answer> = async () => answered(200);
  /** The monotonic clock, in milliseconds. */
  time = 0;
  private readonly http = new Agent();
  private readonly running: Dispatcher[] = [];

  start(over: Partial<DispatcherOptions> = {}): Dispatcher {
    const { lanes, log, http } = this;
    const made = new Dispatcher({
      leaseHolder: namedId('leaseHolder'),
      slots: 4,
      lanes,
      outcomes: new AttemptWriter(lanes, namedId('leaseHolder'), log, () => this.time),
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
        return this.answer(request);
      },
      now: () => new Date('2026-01-22T10:30:00Z'),
      monotonic: () => this.time,
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
  outcomes(count = 1): Promise<void> {
    return untilRecorded(this.lanes, count);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((one) => one.stop()));
    await this.http.close();
  }
}

import type {
  CreateReplay,
  DeadLetterView,
  DeliveryView,
  EndpointHealth,
  TestClockAdvanced,
  UnblockDelivery,
  ReplayView,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api, type Call } from './api.ts';
import { query, type Page } from './partner.ts';

export interface PageOf {
  limit?: number;
  cursor?: string;
}

/** The operations of delivery: replays, held lanes, the health of endpoints, and a team's dead letters. */
export class DeliveryClient {
  readonly api: Api;

  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  replay(replay: z.input<typeof CreateReplay>, idempotencyKey?: string): Promise<ReplayView> {
    return this.post('replays', { body: replay }, idempotencyKey);
  }

  replays(page: PageOf = {}): Promise<Page<ReplayView>> {
    return this.api.call(`/delivery/v1/replays${query({ ...page })}`);
  }

  replayOf(id: string): Promise<ReplayView> {
    return this.api.call(`/delivery/v1/replays/${id}`);
  }

  cancelReplay(id: string, idempotencyKey?: string): Promise<ReplayView> {
    return this.post(`replays/${id}/cancel`, {}, idempotencyKey);
  }

  /** Decides on a delivery at which its lane waits. */
  release(
    deliveryId: string,
    decision: UnblockDelivery['decision'],
    idempotencyKey?: string,
  ): Promise<DeliveryView> {
    return this.post(`deliveries/${deliveryId}/release`, { body: { decision } }, idempotencyKey);
  }

  health(endpointId: string): Promise<EndpointHealth> {
    return this.api.call(`/delivery/v1/endpoints/${endpointId}`);
  }

  /** Lifts a suspension. */
  resume(endpointId: string, idempotencyKey?: string): Promise<EndpointHealth> {
    return this.post(`endpoints/${endpointId}/resume`, {}, idempotencyKey);
  }

  /** Lets time pass for what the key's sandbox waits for. */
  advanceTestClock(seconds: number, idempotencyKey?: string): Promise<TestClockAdvanced> {
    return this.post('test-clock/advance', { body: { seconds } }, idempotencyKey);
  }

  /** What a team published, and could not be understood. */
  deadLetters(filter: PageOf & { code?: string } = {}): Promise<Page<DeadLetterView>> {
    return this.api.call(`/delivery/v1/dead-letters${query({ ...filter })}`);
  }

  deadLetter(id: string): Promise<DeadLetterView> {
    return this.api.call(`/delivery/v1/dead-letters/${id}`);
  }

  replayDeadLetter(id: string, idempotencyKey?: string): Promise<ReplayView> {
    return this.post(`dead-letters/${id}/replay`, {}, idempotencyKey);
  }

  private post<T>(path: string, call: Call, idempotencyKey: string | undefined): Promise<T> {
    return this.api.call(`/delivery/v1/${path}`, {
      ...call,
      method: 'POST',
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
  }
}

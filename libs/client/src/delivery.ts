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

/** Which page of a list to read. */
export interface PageOf {
  /** Items on a page; the API's default if it is missing. */
  limit?: number;
  /** `next` of the page before; the first page if it is missing. */
  cursor?: string;
}

/**
 * The delivery API: replays, blocked lanes, the health of endpoints, and the dead letters of a team. Every method throws ApiError if
 * the API refuses the request. A request that is sent again with the same Idempotency-Key is carried out once.
 */
export class DeliveryClient {
  readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  /** Starts a replay: stored events are sent again. */
  replay(replay: z.input<typeof CreateReplay>, idempotencyKey?: string): Promise<ReplayView> {
    return this.post('replays', { body: replay }, idempotencyKey);
  }

  /** The replays of the tenant. */
  replays(page: PageOf = {}): Promise<Page<ReplayView>> {
    return this.api.call(`/delivery/v1/replays${query({ ...page })}`);
  }

  /** One replay with its progress. */
  replayOf(id: string): Promise<ReplayView> {
    return this.api.call(`/delivery/v1/replays/${id}`);
  }

  /** Stops a replay and cancels its open deliveries. */
  cancelReplay(id: string, idempotencyKey?: string): Promise<ReplayView> {
    return this.post(`replays/${id}/cancel`, {}, idempotencyKey);
  }

  /** Decides about the exhausted delivery at the head of a blocked lane. */
  unblock(
    deliveryId: string,
    decision: UnblockDelivery['decision'],
    idempotencyKey?: string,
  ): Promise<DeliveryView> {
    return this.post(`deliveries/${deliveryId}/unblock`, { body: { decision } }, idempotencyKey);
  }

  /** The health of an endpoint: its failures, its breaker, whether it is suspended. */
  health(endpointId: string): Promise<EndpointHealth> {
    return this.api.call(`/delivery/v1/endpoints/${endpointId}`);
  }

  /** Ends the suspension of an endpoint: delivery continues. */
  resume(endpointId: string, idempotencyKey?: string): Promise<EndpointHealth> {
    return this.post(`endpoints/${endpointId}/resume`, {}, idempotencyKey);
  }

  /** Moves the clock of the key's sandbox forward, so that waiting retries become due. */
  advanceTestClock(seconds: number, idempotencyKey?: string): Promise<TestClockAdvanced> {
    return this.post('test-clock/advance', { body: { seconds } }, idempotencyKey);
  }

  /** Records of the team that could not be processed. */
  deadLetters(filter: PageOf & { code?: string } = {}): Promise<Page<DeadLetterView>> {
    return this.api.call(`/delivery/v1/dead-letters${query({ ...filter })}`);
  }

  /** One dead letter with its record and its reason. */
  deadLetter(id: string): Promise<DeadLetterView> {
    return this.api.call(`/delivery/v1/dead-letters/${id}`);
  }

  /** Processes a dead letter again, after the fault was fixed. */
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

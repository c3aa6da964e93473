import type { BrokerEvent, BrokerState } from '../catalog/broker-state.ts';
import type { Journal } from '../catalog/journal.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../protocol/init-producer-id.ts';
import { errorCodeOf } from './error-code-of.ts';

const BLOCK = 1000;

/** Gives every idempotent producer an id of its own. Ids are reserved in blocks, so that no id is used again after a crash. */
export class ProducerIdsHandler {
  private next: number;
  private reserved: number;
  private reserving: Promise<void> | undefined;

  constructor(
    state: BrokerState,
    private readonly journal: Journal<BrokerEvent>,
  ) {
    this.next = state.producerIdsReserved;
    this.reserved = state.producerIdsReserved;
  }

  async init({ transactionalId }: InitProducerIdRequest): Promise<InitProducerIdResponse> {
    // No client retries this error, unlike "coordinator not available": a transactional producer fails at once.
    if (transactionalId !== null) return refuse(ErrorCode.transactionalIdAuthorizationFailed);
    try {
      while (this.next >= this.reserved) await (this.reserving ??= this.reserve());
      return { error: ErrorCode.none, producerId: this.next++, epoch: 0 };
    } catch (error) {
      return refuse(errorCodeOf(error));
    }
  }

  private async reserve(): Promise<void> {
    try {
      const upTo = this.reserved + BLOCK;
      await this.journal.record({ type: 'ProducerIdsReserved', upTo });
      this.reserved = upTo;
    } finally {
      this.reserving = undefined;
    }
  }
}

function refuse(error: ErrorCode): InitProducerIdResponse {
  return { error, producerId: -1, epoch: -1 };
}

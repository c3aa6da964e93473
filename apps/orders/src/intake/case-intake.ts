import { InfrastructureError, type IncomingRecord } from '@casewire/event-log';
import { inTransaction } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { OrderDomainEvent } from '../order/order-domain-event.ts';
import { execute } from '../order/order-repository.ts';
import { caseEventOf, type CaseEvent } from './case-event.ts';
import { saveConsumedEvent } from './consumed-event.query.ts';
import { isOrderOf, ordersOfCases } from './order-of-case.query.ts';

/** Records in orders what happens to their cases. Each event changes its order once, however often it is delivered. */
export class CaseIntake {
  constructor(
    private readonly pool: Pool,
    private readonly relay: { wake(): void },
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /**
   * @param records of one partition, in order: all events of a case are in one partition
   * @throws InfrastructureError if they could not be recorded. They are never dead letters: on the dead letter topic are records that
   *   delivery could not ingest, and it would offer these for a replay after it has delivered them
   */
  async ingest(records: readonly IncomingRecord[]): Promise<void> {
    const events = records.flatMap((record) => this.parse(record) ?? []);
    if (events.length === 0) return;
    try {
      await this.recordAll(events);
    } catch (error) {
      throw new InfrastructureError('the events of cases cannot be recorded', { cause: error });
    }
  }

  private async recordAll(events: readonly CaseEvent[]): Promise<void> {
    const orders = await ordersOfCases(this.pool, [...new Set(events.map(({ caseId }) => caseId))]);
    for (const event of events) {
      const orderId = orders.get(event.caseId) ?? event.orderId;
      if (orderId === null) continue;
      if (await this.record(orderId, event)) orders.set(event.caseId, orderId);
    }
  }

  /** A record that is not as its contract says is skipped: delivery, which reads the same topic, makes it a dead letter. */
  private parse(record: IncomingRecord): CaseEvent | undefined {
    try {
      return caseEventOf(record);
    } catch (error) {
      const { topic, partition, offset } = record;
      const place = { topic, partition, offset: offset.toString() };
      this.logger.error({ event: 'order.event-invalid', ...place, error });
      return undefined;
    }
  }

  /** @returns false if the organization has no such order */
  private async record(orderId: string, event: CaseEvent): Promise<boolean> {
    const { outcome, caseId } = event;
    const now = this.now();
    const decided = await inTransaction(this.pool, async (client) => {
      if (!(await isOrderOf(client, orderId, event))) return undefined;
      if (!(await saveConsumedEvent(client, event, now))) return [];
      const command = { type: 'RecordCaseOutcome', orderId, caseId, outcome, now } as const;
      return execute(client, orderId, command);
    });
    crashPoint('orders.outcome-recorded');
    if (decided === undefined) this.logger.warn({ event: 'order.unknown', orderId, caseId });
    else if (decided.length > 0) this.report(orderId, event, decided);
    return decided !== undefined;
  }

  private report(
    orderId: string,
    { caseId, outcome }: CaseEvent,
    decided: readonly OrderDomainEvent[],
  ): void {
    this.relay.wake();
    this.logger.info({
      event: 'order.outcome-recorded',
      orderId,
      caseId,
      outcome: outcome.type,
      domainEvents: decided.map(({ type }) => type),
    });
  }
}

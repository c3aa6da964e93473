import { InfrastructureError, RecordUnreadable, type IncomingRecord } from '@casewire/event-log';
import { inTransaction } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Pool, PoolClient } from 'pg';

import { lockPosition, raisePosition } from './position.query.ts';
import { verificationChangeOf, type VerificationChange } from './verification-change.ts';
import { insertDeleted, markDeleted, saveStates, type StateRow } from './verification.query.ts';

/** A change with the offset of its record. */
interface PlacedChange {
  offset: bigint;
  change: VerificationChange;
}

/**
 * Keeps the table of verifications by the events of orders on `events.casewire`, a batch of one partition at a time. The position
 * of the partition is raised in the same transaction, and records below it are skipped: what is delivered again, or read by two
 * consumers at the same time, never puts an older state back.
 */
export class VerificationIntake {
  private commit = Promise.withResolvers<void>();

  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  /** Resolves after the next commit of this process. */
  get nextCommit(): Promise<void> {
    return this.commit.promise;
  }

  /**
   * @param records of one partition, in the order of their offsets
   * @throws InfrastructureError if they could not be stored. They are never dead letters: on the dead letter topic are records that
   *   delivery could not ingest, and it would offer these for a replay after it has delivered them
   */
  async ingest(records: readonly IncomingRecord[]): Promise<void> {
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last) return;
    const { partition } = first;
    const nextOffset = last.offset + 1n;
    const changes = records.flatMap((record) => this.changeOf(record));
    try {
      if (changes.length === 0) await raisePosition(this.pool, partition, nextOffset);
      else await inTransaction(this.pool, (db) => store(db, partition, nextOffset, changes));
    } catch (error) {
      throw new InfrastructureError('verifications cannot be stored', { cause: error });
    }
    crashPoint('cases.verifications-stored');
    this.announce();
  }

  private changeOf(record: IncomingRecord): PlacedChange[] {
    try {
      const change = verificationChangeOf(record);
      return change ? [{ offset: record.offset, change }] : [];
    } catch (error) {
      if (!(error instanceof RecordUnreadable)) throw error;
      const { topic, partition, offset, headers } = record;
      this.logger.error({
        event: 'verification.record-skipped',
        topic,
        partition,
        offset: `${offset}`,
        type: headers.ce_type,
        error,
      });
      return [];
    }
  }

  private announce(): void {
    const { resolve } = this.commit;
    this.commit = Promise.withResolvers<void>();
    resolve();
  }
}

async function store(
  client: PoolClient,
  partition: number,
  nextOffset: bigint,
  changes: readonly PlacedChange[],
): Promise<void> {
  const position = await lockPosition(client, partition);
  let states: StateRow[] = [];
  const saveAll = async () => {
    for (const round of roundsOf(states)) await saveStates(client, round);
    states = [];
  };
  for (const { offset, change } of changes) {
    if (offset < position) continue;
    if (change.type === 'state') {
      states.push(change.verification);
      continue;
    }
    // What was published before the erasure is stored first, so that the result does not depend on the batches.
    await saveAll();
    await markDeleted(client, [change.order]);
    await insertDeleted(client, change.verifications);
  }
  await saveAll();
  await raisePosition(client, partition, nextOffset);
}

/**
 * Of a verification of one tenant only the last state is needed. A statement takes each id once, so that states of the same id
 * under several tenants, of which one at most is right, are in several lists.
 */
function roundsOf(states: readonly StateRow[]): StateRow[][] {
  const last = new Map(
    states.map((row) => {
      const key = [row.id, row.orderId, row.organizationId, row.environment];
      return [key.join(' ').toLowerCase(), row] as const;
    }),
  );
  const rounds: Map<string, StateRow>[] = [];
  for (const row of last.values()) {
    const id = row.id.toLowerCase();
    const round = rounds.find((one) => !one.has(id));
    if (round) round.set(id, row);
    else rounds.push(new Map([[id, row]]));
  }
  return rounds.map((round) => [...round.values()]);
}

import type { Principal } from '@casewire/auth';
import { RowId, type ReplayView } from '@casewire/contracts';
import { notFound, ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import { destinationKey, lockDestinations } from '../../engine/store/lock-destinations.ts';
import { enqueueReplay } from '../../engine/store/replay.ts';
import { storeEvent } from '../../engine/store/store-events.ts';
import {
  isAltered,
  isValueOmitted,
  recordOf,
  type DeadLetterRow,
} from '../../intake/dead-letters/dead-letter.ts';
import type { EntryBuilder, Entry } from '../../intake/entry-builder.ts';
import { erasingTypes } from '../../model/erasing-types.ts';
import { EventRejected } from '../../model/incoming-event.ts';
import type { ReferenceData } from '../../model/reference-data.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import { insertReplay, replayById, replayOfDeadLetter } from '../replays/replay.query.ts';
import { replayView } from '../replays/replay.ts';
import { lockDeadLetter, markReplayed } from './dead-letter.query.ts';
import { deadLetterTopicFor } from './dead-letters.service.ts';

type Team = Tenant & Pick<Principal, 'organization'>;

/**
 * Ingests a dead letter after its cause was fixed, as the intake would do now, but outside the order of lanes: events that
 * were published after it may have been delivered already.
 */
export class DeadLetterReplay {
  constructor(
    private readonly references: Pick<ReferenceData, 'catchUp'>,
    private readonly entries: EntryBuilder,
    private readonly idempotent: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /**
   * Replays a dead letter once: repeated requests return the same replay.
   * @throws ApiError 404, or 409 with the reason if the record still cannot be ingested
   */
  async replay(team: Team, id: string, key: string | undefined): Promise<ReplayView> {
    const topic = deadLetterTopicFor(team);
    if (!RowId.safeParse(id).success) throw notFound('dead letter');
    // The match sees everything that was registered or fixed before this request.
    const registryOffset = await this.references.catchUp();
    const request = { key, route: `dead-letters/${id}/replay` };
    const replay = await this.idempotent.run(team, request, async (client) => {
      const deadLetter = await lockDeadLetter(client, topic, id);
      if (!deadLetter) throw notFound('dead letter');
      const existing = await replayOfDeadLetter(client, deadLetter.id);
      if (existing) return replayView(existing);
      return this.ingest(client, team, deadLetter, registryOffset).catch((error: unknown) => {
        if (error instanceof EventRejected) throw new ApiError(409, error.code, error.message);
        throw error;
      });
    });
    this.wake();
    return replay;
  }

  /** Locks in this order: the dead letter, its replay, the cursor of its partition, the event, destinations, lanes. */
  private async ingest(
    client: PoolClient,
    tenant: Tenant,
    deadLetter: DeadLetterRow,
    registryOffset: bigint,
  ): Promise<ReplayView> {
    checkComplete(deadLetter);
    const { partition } = deadLetter;
    const parsed = this.entries.parse(recordOf(deadLetter));
    const entry = await this.entries.build(parsed, partition);
    const job = await insertReplay(client, {
      tenant,
      endpointId: null,
      kind: 'dead-letter',
      parameters: { deadLetterId: deadLetter.id },
      position: { phase: 'wait' },
    });
    await checkNotErased(client, entry, partition);
    // The event has no delivery of its own: its destinations get it by the replay only.
    await storeEvent(client, { ...entry, deliveries: [], partition, registryOffset });
    await deliver(client, job, entry);
    await markReplayed(client, deadLetter.id);
    return replayView((await replayById(client, tenant, job))!);
  }
}

function checkComplete(deadLetter: DeadLetterRow): void {
  if (isValueOmitted(deadLetter)) {
    throw new ApiError(
      409,
      'DEAD_LETTER_VALUE_OMITTED',
      `its value was too large for the dead letter: it is on ${deadLetter.topic}, as long as that topic keeps it`,
    );
  }
  if (isAltered(deadLetter))
    throw new EventRejected('EVENT_NOT_TEXT', 'a header contains bytes that are not text');
}

/** Locks the cursor against an erasure, which arrives on the same partition: it cannot miss an event that is stored here. */
async function checkNotErased(
  client: PoolClient,
  { event: { topic, key } }: Entry,
  partition: number,
): Promise<void> {
  await client.query(
    'insert into intake_cursor (topic, partition, next_offset) values ($1, $2, 0) on conflict do nothing',
    [topic, partition],
  );
  await client.query('select from intake_cursor where topic = $1 and partition = $2 for share', [
    topic,
    partition,
  ]);
  const erased = await client.query(
    'select from event where topic = $1 and key = $2 and (data is null or type = any($3)) limit 1',
    [topic, key, [...erasingTypes]],
  );
  if (erased.rowCount! > 0) throw new ApiError(409, 'EVENT_ERASED', 'its key was erased since');
}

async function deliver(
  client: PoolClient,
  job: string,
  { event, lane, deliveries }: Entry,
): Promise<void> {
  const { id: eventId, topic, organizationId, environment } = event;
  const locked = await lockDestinations(
    client,
    deliveries.map(({ destination }) => ({ destination, organizationId, environment })),
  );
  for (const { destination, ...pinned } of deliveries) {
    const { id: destinationId } = locked.get(destinationKey(destination))!;
    await enqueueReplay(client, job, destinationId, [{ ...pinned, eventId, topic, lane }]);
  }
}

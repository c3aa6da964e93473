import type { Principal } from '@casewire/auth';
import { RowId, type ReplayView } from '@casewire/contracts';
import { notFound, ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import { destinationKey, lockDestinations } from '../../engine/store/lock-destinations.ts';
import { enqueueReplay } from '../../engine/store/replay.ts';
import { storeEvent } from '../../engine/store/store-events.ts';
import type { IntakeEntries, Entry } from '../../intake/intake-entries.ts';
import { EventRejected } from '../../model/incoming-event.ts';
import type { ReferenceData } from '../../model/reference-data.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import { insertReplay, replayById, replayOfDeadLetter } from '../replays/replay.query.ts';
import { replayView } from '../replays/replay.ts';
import { lockDeadLetter, markReplayed } from './dead-letter.query.ts';
import { isAltered, isValueOmitted, recordOf, type DeadLetterRow } from './dead-letter.ts';
import { deadLetterTopicFor } from './dead-letters.service.ts';

type Team = Tenant & Pick<Principal, 'organization'>;

/**
 * Takes a record that could not be understood in after all: as the inbox would now, but outside the order of lanes. What
 * was published after it may have been delivered long ago.
 */
export class DeadLetterReplay {
  constructor(
    private readonly references: Pick<ReferenceData, 'catchUp'>,
    private readonly entries: IntakeEntries,
    private readonly once: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /**
   * The deadLetter's replay, however often it is asked for.
   * @throws Refusal 404, or 409 with the reason where the record cannot be understood now either
   */
  async replay(team: Team, id: string, key: string | undefined): Promise<ReplayView> {
    const topic = deadLetterTopicFor(team);
    if (!RowId.safeParse(id).success) throw notFound('dead letter');
    // Whatever was registered or fixed before this was asked for is seen by the match.
    const registryOffset = await this.references.catchUp();
    const asked = { key, route: `dead-letters/${id}/replay` };
    const replay = await this.once.run(team, asked, async (client) => {
      const deadLetter = await lockDeadLetter(client, topic, id);
      if (!deadLetter) throw notFound('dead letter');
      const known = await replayOfDeadLetter(client, deadLetter.id);
      if (known) return replayView(known);
      return this.takeIn(client, team, deadLetter, registryOffset).catch((error: unknown) => {
        if (error instanceof EventRejected) throw new ApiError(409, error.code, error.message);
        throw error;
      });
    });
    this.wake();
    return replay;
  }

  /** Locked in this order: the dead letter, its replay, its partition's cursor, the event, destinations, lanes. */
  private async takeIn(
    client: PoolClient,
    owner: Tenant,
    deadLetter: DeadLetterRow,
    registryOffset: bigint,
  ): Promise<ReplayView> {
    checkWhole(deadLetter);
    const { partition } = deadLetter;
    const understood = this.entries.understand(recordOf(deadLetter));
    const entry = await this.entries.of(understood, partition);
    const job = await insertReplay(client, {
      owner,
      endpointId: null,
      kind: 'dead-letter',
      parameters: { deadLetterId: deadLetter.id },
      position: { phase: 'wait' },
    });
    await refuseErased(client, entry, partition);
    // It has no delivery of its own: whom it matches gets it by the replay alone.
    await storeEvent(client, { ...entry, deliveries: [], partition, registryOffset });
    await deliver(client, job, entry);
    await markReplayed(client, deadLetter.id);
    return replayView((await replayById(client, owner, job))!);
  }
}

function checkWhole(deadLetter: DeadLetterRow): void {
  if (isValueOmitted(deadLetter)) {
    throw new ApiError(
      409,
      'DEAD_LETTER_VALUE_OMITTED',
      `there was no room for its value: it is on ${deadLetter.topic}, as long as that keeps it`,
    );
  }
  if (isAltered(deadLetter))
    throw new EventRejected('EVENT_NOT_TEXT', 'a header of it holds what is no text');
}

/** Locked against an erasure, which comes on the same partition: nothing that it looks for is stored behind its back. */
async function refuseErased(
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
    `select from event where topic = $1 and key = $2 and (data is null or type = 'case.erased') limit 1`,
    [topic, key],
  );
  if (erased.rowCount! > 0)
    throw new ApiError(409, 'EVENT_ERASED', 'what it is about was erased since');
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

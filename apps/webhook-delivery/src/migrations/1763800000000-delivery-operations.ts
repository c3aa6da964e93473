import { idempotencyTable } from '@casewire/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeliveryOperations1763800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(idempotencyTable);
    await db.query(`
      create index destination_owner on destination (organization_id, environment);
      -- The newest of a replay first, as the delivery log wants them.
      drop index delivery_replay;
      create index delivery_replay on delivery (replay_job, id desc) where replay_job > 0;

      -- What is open of a replay, without what is over: asked for at every step.
      drop index lane_replay;
      create index lane_replay on lane (replay_job) where replay_job > 0 and head <= tail;

      -- What a replay found and has not put into its lanes yet, by the place that it had first.
      create table replay_item (
        job bigint not null references replay_job on delete cascade,
        lane_id bigint not null,
        seq bigint not null,
        delivery_id bigint not null,
        primary key (job, lane_id, seq)
      );

      -- A dead letter is replayed once.
      create unique index replay_of_dead_letter on replay_job ((parameters->>'deadLetterId'))
        where kind = 'dead-letter';

      -- What became of the deliveries of a replay that is over.
      alter table replay_job add column counts jsonb;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table replay_job drop column counts;
      drop table replay_item, idempotency_key;
      drop index delivery_replay, lane_replay, destination_owner, replay_of_dead_letter;
      create index lane_replay on lane (replay_job) where replay_job > 0;
      create index delivery_replay on delivery (replay_job) where replay_job > 0;`);
  }
}

import type { Sealer } from '@casewire/auth';
import type { CaseCommandMessage } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { fingerprint, idempotent, inTransaction } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Pool, PoolClient } from 'pg';

import type { CaseCommand } from '../case/case-command.ts';
import { execute } from '../case/case-repository.ts';
import { CommandInvalid, CommandRefused } from '../case/refusals.ts';
import { eraseCase } from '../erasure/erase-case.ts';
import type { OrganizationSettings } from '../organization-settings.ts';
import type { Wakeable } from '../submission/submission.service.ts';
import { refusalRecord } from './refusal-record.ts';

/** Why a command was refused. */
export interface Refusal {
  code: string;
  detail: string;
  /** When it was refused first. */
  refusedAt: string;
}

/**
 * Executes the commands of other services on the topic `cases.commands`. A command that is delivered again within a day changes
 * nothing and has the same outcome, whatever happened to the case meanwhile. A refused command is answered by the event
 * `case.command.refused`, which is the same however often the command is delivered.
 */
export class CommandsService {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
    private readonly relay: Wakeable,
    private readonly log: Pick<EventLog, 'send'>,
    private readonly settings: OrganizationSettings,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  async execute(message: CaseCommandMessage): Promise<void> {
    const refusal = await this.attempt(message);
    crashPoint('cases.command-executed');
    if (refusal) await this.log.send([refusalRecord(message, refusal)]);
    else this.relay.wake();
    const { type: command, commandId, caseId } = message;
    const code = refusal?.code ?? null;
    this.logger.info({ event: 'case.command', command, commandId, caseId, refused: code });
  }

  /** Carries out a command once, and stores its outcome in the same transaction. */
  private attempt(message: CaseCommandMessage): Promise<Refusal | null> {
    const { organizationId, environment, commandId } = message;
    const request = {
      caller: `commands/${organizationId}/${environment}`,
      key: commandId,
      fingerprint: fingerprint(JSON.stringify(message)),
    };
    return inTransaction(this.pool, (client) =>
      idempotent(client, request, this.sealer, () => this.decide(client, message)),
    );
  }

  /** A command that the case refuses has written nothing: the transaction goes on. */
  private async decide(client: PoolClient, message: CaseCommandMessage): Promise<Refusal | null> {
    const refused = (code: string, detail: string): Refusal => ({
      code,
      detail,
      refusedAt: this.now().toISOString(),
    });
    try {
      const isKnown = await this.run(client, message);
      return isKnown ? null : refused('NOT_FOUND', 'there is no such case');
    } catch (error) {
      if (error instanceof CommandRefused) return refused(error.code, error.message);
      if (error instanceof CommandInvalid) return refused('VALIDATION_FAILED', error.message);
      throw error;
    }
  }

  /** @returns false if the organization has no such case */
  private async run(client: PoolClient, message: CaseCommandMessage): Promise<boolean> {
    const status = await statusOfCase(client, message);
    if (status === undefined || (status === 'deleted' && message.type !== 'DeleteCase'))
      return false;
    if (message.type === 'DeleteCase')
      await eraseCase(client, message.caseId, { by: message.requestedBy, now: this.now() });
    else await execute(client, message.caseId, this.commandOf(message));
    return true;
  }

  private commandOf(message: Exclude<CaseCommandMessage, { type: 'DeleteCase' }>): CaseCommand {
    const { organizationId, requestedBy: by, commandId } = message;
    const context = { now: this.now(), settings: this.settings.of(organizationId), by };
    if (message.type === 'CancelCase') return { type: 'CancelCase', ...context };
    const { stages, uploadIds } = message;
    return {
      type: 'RefreshCase',
      refreshId: commandId,
      selection: { stages, uploadIds },
      ...context,
    };
  }
}

/** The status of the case that a command is for; undefined if the organization has none with this id. */
async function statusOfCase(
  client: PoolClient,
  { caseId, organizationId, environment }: CaseCommandMessage,
): Promise<string | undefined> {
  const { rows } = await client.query<{ status: string }>(
    'select status from case_view where id = $1 and organization_id = $2 and environment = $3',
    [caseId, organizationId, environment],
  );
  return rows[0]?.status;
}

import type { CaseCommandMessage } from '@casewire/contracts';
import type { EventLog } from '@casewire/event-log';
import { inTransaction } from '@casewire/service';
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
}

/**
 * Executes the commands of other services on the topic `cases.commands`. A command that is delivered again changes nothing. A
 * refused command is answered by the event `case.command.refused`, under the same id however often it is delivered.
 */
export class CommandsService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly log: Pick<EventLog, 'send'>,
    private readonly settings: OrganizationSettings,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  async execute(message: CaseCommandMessage): Promise<void> {
    const refusal = await this.attempt(message);
    crashPoint('cases.command-executed');
    if (refusal) await this.log.send([refusalRecord(message, refusal, this.now())]);
    else this.relay.wake();
    const { type: command, commandId, caseId } = message;
    const code = refusal?.code ?? null;
    this.logger.info({ event: 'case.command', command, commandId, caseId, refused: code });
  }

  private async attempt(message: CaseCommandMessage): Promise<Refusal | null> {
    try {
      return await inTransaction(this.pool, (client) => this.run(client, message));
    } catch (error) {
      if (error instanceof CommandRefused) return { code: error.code, detail: error.message };
      if (error instanceof CommandInvalid)
        return { code: 'VALIDATION_FAILED', detail: error.message };
      throw error;
    }
  }

  private async run(client: PoolClient, message: CaseCommandMessage): Promise<Refusal | null> {
    const status = await statusOfCase(client, message);
    if (status === undefined || (status === 'deleted' && message.type !== 'DeleteCase'))
      return { code: 'NOT_FOUND', detail: 'there is no such case' };
    if (message.type === 'DeleteCase') await eraseCase(client, message.caseId, this.now());
    else await execute(client, message.caseId, this.commandOf(message));
    return null;
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

import { type CaseCommandMessage, type CaseCommandRefusedData, Topics } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';

import { eventSource } from '../outbox/case-records.ts';
import type { Refusal } from './commands.service.ts';

/** The event that a command was refused. Its id follows from the command's: a command that is delivered again has one refusal. */
export function refusalRecord(
  { type: command, commandId, caseId, organizationId, environment }: CaseCommandMessage,
  { code, detail, refusedAt: occurredAt }: Refusal,
): OutgoingRecord {
  const data: CaseCommandRefusedData = { caseId, commandId, command, code, detail, occurredAt };
  return {
    topic: Topics.casewireEvents,
    key: caseId,
    value: JSON.stringify(data),
    headers: {
      ce_specversion: '1.0',
      ce_id: `command/${commandId}`,
      ce_source: eventSource,
      ce_type: 'case.command.refused',
      ce_time: occurredAt,
      ce_subject: caseId,
      ce_organization: organizationId,
      ce_environment: environment,
      'content-type': 'application/json',
    },
  };
}

import { Topics, uuidV5 } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';

import { nowMs } from './clock.ts';

/** The id of the n-th case. */
export const caseOf = (n: number): string => uuidV5('bench', `${n}`);

// The envelope and the other fields, without the external id.
const otherBytes = 200;

/** The data of `case.completed`, with the present time as its reference; its request has a body of about `bodyBytes`. */
export function caseCompleted(caseId: string, n: number, bodyBytes: number) {
  const at = nowMs();
  return {
    caseId,
    externalId: `applicant-${n}`.padEnd(bodyBytes - otherBytes, '.'),
    occurredAt: new Date(at).toISOString(),
    result: 'succeeded',
    reference: `${at}`,
  };
}

/** Makes events of cases; each is made when it is handed over. */
export class EventSource {
  private made = 0;

  constructor(private readonly bodyBytes: number) {}

  /** The next event of a case, for an organization. */
  next(organizationId: string, caseId: string): OutgoingRecord {
    const n = this.made++;
    const data = caseCompleted(caseId, n, this.bodyBytes);
    return {
      topic: Topics.casewireEvents,
      key: caseId,
      value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0',
        ce_id: `${caseId}/${n}`,
        ce_source: '/casewire/bench',
        ce_type: 'case.completed',
        ce_time: data.occurredAt,
        ce_subject: caseId,
        ce_organization: organizationId,
        ce_environment: 'production',
        'content-type': 'application/json',
      },
    };
  }
}

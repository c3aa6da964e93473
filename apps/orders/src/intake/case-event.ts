import { EventHeaders, type Environment } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { z } from 'zod';

import { outcomeReaders, type ParsedOutcome } from './case-outcome.ts';

/** The `ce_source` of the events of cases. */
const caseSource = '/casewire/cases';

/** An event of a case that can change an order. */
export interface CaseEvent extends ParsedOutcome {
  /** With the source it identifies the event at each delivery. */
  id: string;
  source: string;
  organizationId: string;
  environment: Environment;
}

const Headers = EventHeaders.pick({
  ce_id: true,
  ce_source: true,
  ce_organization: true,
  ce_environment: true,
});

/** The event in a record is not as its contract says. */
export class CaseEventInvalid extends Error {
  readonly code = 'CASE_EVENT_INVALID';
  readonly retriable = false;
  constructor(cause: unknown) {
    super(cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause), { cause });
    this.name = 'CaseEventInvalid';
  }
}

/**
 * The event of a case in a record; undefined for other events, those of this service among them.
 * @throws CaseEventInvalid
 */
export function caseEventOf({ headers, value }: IncomingRecord): CaseEvent | undefined {
  if (headers.ce_source !== caseSource) return undefined;
  const read = outcomeReaders.get(headers.ce_type ?? '');
  if (!read) return undefined;
  try {
    const { ce_id: id, ce_source: source, ...about } = Headers.parse(headers);
    return {
      id,
      source,
      organizationId: about.ce_organization,
      environment: about.ce_environment,
      ...read(JSON.parse(String(value))),
    };
  } catch (error) {
    throw new CaseEventInvalid(error);
  }
}

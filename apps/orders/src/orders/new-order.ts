import type { CreateOrder, Employer, OrderTemplate } from '@casewire/contracts';
import { invalid } from '@casewire/service';

import type { OrderedVerification } from '../order/order-domain-event.ts';

/** Makes the ids of a new order. */
export interface Ids {
  random: () => string;
  /** The id of a user or an employer, by the orderer's own id. */
  opaque: (kind: 'user' | 'employer', externalId: string) => string;
}

/** A verification as the order has it, and what the orderer said about its employer. */
export interface NewVerification {
  ordered: OrderedVerification;
  employer: Employer | null;
}

/** The id of the user of an order; null if it names none. */
export const userIdOf = ({ user }: CreateOrder, ids: Ids): string | null =>
  user ? idOf('user', user, ids) : null;

/**
 * The verifications of a new order: those of its template.
 * @throws ApiError 400 that names each verification that the template does not have
 */
export function verificationsOf(
  command: CreateOrder,
  template: OrderTemplate,
  ids: Ids,
): NewVerification[] {
  checkNames(command, template);
  return template.verifications.map((verification) => {
    const given = command.verifications.find(({ name }) => name === verification.name);
    const employer = given?.employer ?? null;
    const employerId = employer && idOf('employer', employer, ids);
    return { ordered: { verificationId: ids.random(), ...verification, employerId }, employer };
  });
}

function checkNames({ verifications }: CreateOrder, template: OrderTemplate): void {
  const known = new Set(template.verifications.map(({ name }) => name));
  const rule = `must be a verification of the template: ${[...known].join(', ')}`;
  const errors = verifications.flatMap(({ name }, i) =>
    known.has(name) ? [] : [{ field: `verifications.${i}.name`, rule }],
  );
  if (errors.length > 0) throw invalid(errors);
}

/** Without an id of the orderer nothing says that two are the same: each has an id of its own. */
const idOf = (
  kind: 'user' | 'employer',
  { externalId }: { externalId?: string | undefined },
  ids: Ids,
): string => (externalId === undefined ? ids.random() : ids.opaque(kind, externalId));

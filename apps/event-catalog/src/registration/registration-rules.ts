import type { Principal } from '@casewire/auth';
import type { EventType, Organization, SchemaChange, Team } from '@casewire/contracts';
import { checkSchema, compileSchema, type Schema } from '@casewire/event-schemas';
import { invalid, ApiError, type FieldError } from '@casewire/service';

import type { CataloguedType } from '../seeds/seed.ts';

/** Slugs of Casewire's own topics. */
const reservedSlugs = new Set(['casewire', 'registry']);

/** @throws ApiError 403 where the organization is not a team */
export function teamOf({ organization }: { organization: Organization }): Team {
  const { kind, team } = organization;
  if (kind !== 'team' || !team)
    throw new ApiError(403, 'NOT_A_TEAM', 'only a team can register event types');
  if (reservedSlugs.has(team.slug))
    throw new ApiError(403, 'TEAM_RESERVED', `events.${team.slug} cannot be a team's topic`);
  return team;
}

/** @throws ApiError 403 where the name starts with none of the team's prefixes */
export function checkPrefix({ prefixes }: Team, name: string): void {
  if (prefixes.some((prefix) => name.startsWith(prefix))) return;
  const rule = `must begin with ${prefixes.join(' or ')}`;
  throw new ApiError(403, 'PREFIX_FOREIGN', 'the name starts with no prefix of this team', [
    { field: 'name', rule },
  ]);
}

const fieldOf = (field: string, path: string): string => `${field}${path.replaceAll('/', '.')}`;

/** @throws ApiError 400 with each fault in the schema, or the place where the sample does not follow the schema */
export function checkDescription({ schema, sample }: { schema: unknown; sample: unknown }): void {
  const faults: FieldError[] = checkSchema(schema).map(({ path, reason }) => ({
    field: fieldOf('schema', path),
    rule: reason,
  }));
  if (faults.length > 0) throw invalid(faults);
  const fault = compileSchema(schema as Schema)(sample);
  if (fault) throw invalid([{ field: fieldOf('sample', fault.path), rule: fault.reason }]);
}

/** @throws ApiError 409 with every breaking change */
export function refuseBreaking(changes: readonly SchemaChange[]): void {
  if (changes.length === 0) return;
  throw new ApiError(
    409,
    'SCHEMA_INCOMPATIBLE',
    'all schemas of a version must accept the same data; a breaking change requires a new version',
    changes.slice(0, 100).map(({ path, kind, reason }) => ({
      field: fieldOf('schema', path),
      rule: `${kind}: ${reason}`,
    })),
  );
}

type Status = EventType['status'];
const nextStatuses: Record<Status, readonly Status[]> = {
  reserved: ['active'],
  active: ['deprecated'],
  deprecated: ['active', 'retired'],
  retired: [],
};

/** @throws ApiError 409 for a change of the status that is not allowed */
export function checkStatusChange(from: Status, to: Status): void {
  if (from === to || nextStatuses[from].includes(to)) return;
  const possible = nextStatuses[from].length > 0 ? nextStatuses[from].join(' or ') : 'nothing else';
  throw new ApiError(409, 'STATUS_STEP_REFUSED', `a type that is ${from} cannot become ${to}`, [
    { field: 'status', rule: `after ${from} comes ${possible}` },
  ]);
}

/** Whether a type is a seeded type of this team that the team has not taken over yet. */
export const isAdoptable = (type: CataloguedType, { slug }: Team, sourceTopic: string): boolean =>
  type.owner === slug && type.sourceTopic === sourceTopic;

export const isOwn = (type: CataloguedType, { organizationId }: Principal): boolean =>
  type.owner === organizationId;

import type { Principal } from '@casewire/auth';
import {
  deadLetterSettings,
  teamTopic,
  teamTopicSettings,
  type ChangeEventType,
  type CreateEventTypeVersion,
  type EventType,
  type EventTypeView,
  type RegisterEventType,
} from '@casewire/contracts';
import { TopicMismatch, type EventLog } from '@casewire/event-log';
import { checkDownConversion, shown, type Converter } from '@casewire/event-schemas';
import { fingerprint, invalid, notFound, ApiError } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { Catalog } from '../event-types/catalog.ts';
import { recordCompatible } from '../event-types/compatibility.ts';
import { countOf, eventTypes, lockName, keyOf } from '../event-types/event-type-store.ts';
import { viewOf } from '../event-types/event-types.service.ts';
import type { CataloguedType } from '../seeds/seed.ts';
import {
  checkDescription,
  checkPrefix,
  checkStatusChange,
  isAdoptable,
  isOwn,
  refuseBreaking,
  teamOf,
} from './registration-rules.ts';

/** Maximum number of versions of event types per team. */
export const maxTypes = 500;

export interface Request {
  key: string | undefined;
}

/** Registers and changes the event types of internal teams. */
export class RegistrationService {
  private readonly ensuredTopics = new Set<string>();

  constructor(
    private readonly catalog: Catalog,
    private readonly log: Pick<EventLog, 'ensureTopics'>,
    private readonly converter: Pick<Converter, 'convert'>,
  ) {}

  /** Registers version 1 of a new type, or takes over a seeded type of this team. */
  async register(
    principal: Principal,
    command: RegisterEventType,
    { key }: Request,
  ): Promise<EventTypeView> {
    const team = teamOf(principal);
    checkDescription(command);
    const sourceTopic = teamTopic(team.slug);
    await this.ensureTopic(team.slug);
    return this.changeOnce(
      principal,
      key,
      ['POST event-types', JSON.stringify(command)],
      async (client) => {
        const [current] = await lockName(client, command.name);
        const adopted = current && isAdoptable(current, team, sourceTopic) ? current : undefined;
        if (!adopted) checkPrefix(team, command.name);
        if (current && !adopted) throw alreadyExists(command.name);
        await this.checkTypeCount(client, principal);
        const { ordering, callback, ...described } = command;
        const type: CataloguedType = {
          ...(described as Pick<CataloguedType, keyof typeof described>),
          version: 1,
          owner: principal.organizationId,
          sourceTopic,
          ordering: ordering ?? adopted?.ordering ?? 'key',
          callback: callback ?? adopted?.callback ?? 'none',
          downConversion: null,
        };
        refuseBreaking(await recordCompatible(client, adopted, type));
        if (adopted) await eventTypes.replace(client, keyOf(type), type);
        else await eventTypes.create(client, keyOf(type), type);
        return viewOf(type, principal);
      },
    );
  }

  /** Registers the next version. Its down-conversion makes data of the previous version for subscribers of that version. */
  async createVersion(
    principal: Principal,
    name: string,
    command: CreateEventTypeVersion,
    { key }: Request,
  ): Promise<EventTypeView> {
    teamOf(principal);
    checkDescription(command);
    const parts = ['POST versions', name, JSON.stringify(command)];
    return this.changeOnce(principal, key, parts, async (client) => {
      const latest = (await this.lock(client, principal, name)).at(-1)!;
      const version = latest.version + 1;
      const { version: requested = version, category, trigger, ...given } = command;
      if (requested !== version)
        throw invalid([{ field: 'version', rule: `must be ${version}, one more than the latest` }]);
      await this.checkTypeCount(client, principal);
      const type: CataloguedType = {
        ...latest,
        ...(given as Pick<CataloguedType, keyof typeof given>),
        category: category ?? latest.category,
        trigger: trigger ?? latest.trigger,
        version,
      };
      await this.checkConversion(type, latest);
      refuseBreaking(await recordCompatible(client, undefined, type));
      await eventTypes.create(client, keyOf(type), type);
      return viewOf(type, principal);
    });
  }

  /** Changes a version. Unless it is a draft, its new schema must accept exactly the same data. */
  async change(
    principal: Principal,
    name: string,
    version: number,
    command: ChangeEventType,
  ): Promise<EventTypeView> {
    teamOf(principal);
    return this.catalog.change(async (client) => {
      const versions = await this.lock(client, principal, name);
      const current = versions.find((one) => one.version === version);
      if (!current) throw notFound('event type');
      if (current.status === 'retired')
        throw new ApiError(409, 'EVENT_TYPE_RETIRED', 'a retired type cannot be changed');
      const type = { ...current, ...(command as Partial<CataloguedType>) };
      checkDescription(type);
      const isDraft = current.status === 'reserved' && version === versions.at(-1)!.version;
      refuseBreaking(await recordCompatible(client, isDraft ? current : undefined, type));
      const before = versions.find((one) => one.version === version - 1);
      if ((type.downConversion === null) !== (before === undefined))
        throw invalid([{ field: 'downConversion', rule: conversionRule(before !== undefined) }]);
      const isSame = !command.schema && !command.sample && !command.downConversion;
      if (before && !isSame) await this.checkConversion(type, before);
      await eventTypes.replace(client, keyOf(type), type);
      return viewOf(type, principal);
    });
  }

  /** Changes the status of a version. */
  async changeStatus(
    principal: Principal,
    name: string,
    version: number,
    status: EventType['status'],
  ): Promise<EventTypeView> {
    teamOf(principal);
    return this.catalog.change(async (client) => {
      const versions = await this.lock(client, principal, name);
      const current = versions.find((one) => one.version === version);
      if (!current) throw notFound('event type');
      checkStatusChange(current.status, status);
      const type = { ...current, status };
      if (status !== current.status) await eventTypes.replace(client, keyOf(type), type);
      return viewOf(type, principal);
    });
  }

  private changeOnce(
    { organizationId, environment }: Principal,
    key: string | undefined,
    parts: string[],
    work: (client: PoolClient) => Promise<EventTypeView>,
  ): Promise<EventTypeView> {
    const caller = `${organizationId}/${environment}`;
    const request = { caller, key, fingerprint: fingerprint(organizationId, ...parts) };
    return this.catalog.changeOnce(request, work);
  }

  /**
   * Locks every version of the principal's type until the transaction ends.
   * @throws ApiError 404 where the type does not exist or belongs to another organization
   */
  private async lock(client: PoolClient, principal: Principal, name: string) {
    const versions = await lockName(client, name);
    if (versions.length === 0 || !versions.every((one) => isOwn(one, principal)))
      throw notFound('event type');
    return versions;
  }

  private async checkTypeCount(client: PoolClient, { organizationId }: Principal): Promise<void> {
    if ((await countOf(client, organizationId)) < maxTypes) return;
    throw new ApiError(409, 'CATALOG_FULL', `a team has at most ${maxTypes} versions of types`);
  }

  private async checkConversion(type: CataloguedType, before: CataloguedType): Promise<void> {
    const checked = await checkDownConversion(
      {
        schema: type.schema,
        sample: type.sample,
        downConversion: type.downConversion!,
      },
      { schema: before.schema },
      this.converter,
    );
    if (checked.ok) return;
    const { value, path, reason } = checked;
    const place = path === '' ? '' : `${path} `;
    throw invalid([
      {
        field: 'downConversion',
        rule: `must make data of version ${before.version}: ${place}${reason}, for ${shown(value)}`,
      },
    ]);
  }

  /** Creates the team's topic and its dead-letter topic, so that the team can publish when it gets the response. */
  private async ensureTopic(slug: string): Promise<void> {
    if (this.ensuredTopics.has(slug)) return;
    const settings = teamTopicSettings(slug);
    try {
      await this.log.ensureTopics([settings, deadLetterSettings(settings)]);
    } catch (error) {
      if (!(error instanceof TopicMismatch)) throw error;
      throw new ApiError(409, 'TOPIC_UNUSABLE', error.message);
    }
    this.ensuredTopics.add(slug);
  }
}

const alreadyExists = (name: string) =>
  new ApiError(409, 'EVENT_TYPE_EXISTS', 'an event type with this name already exists', [
    { field: 'name', rule: `${name} is taken` },
  ]);

const conversionRule = (hasBefore: boolean): string =>
  hasBefore ? 'is required from version 2 on' : 'must be null in version 1';

import { randomUUID } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import type { CreateOrder, OrderTemplate, OrderView, RefreshOrder } from '@casewire/contracts';
import { invalid, type PostRequest } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import type { ActionContext, OrderActions } from '../actions/order-actions.ts';
import { apiErrorOf } from '../actions/refused-command.ts';
import type { OrderCommand } from '../order/order-command.ts';
import { execute } from '../order/order-repository.ts';
import { lockOrder } from '../reading/find-order.ts';
import { orderView } from '../reading/order-view.query.ts';
import type { TemplatesService } from '../templates/templates.service.ts';
import { userIdOf, verificationsOf, type Ids } from './new-order.ts';
import { opaqueId } from './opaque-id.ts';
import { reserveNumber, type RandomBytes } from './order-number.ts';
import { saveEmployer, saveOrderData } from './private-data.query.ts';

/** Resolves when the events of an order are published. @throws NotPublished */
export type Published = (orderId: string) => Promise<void>;

/** Creates, cancels and refreshes orders. */
export class OrdersService {
  constructor(
    private readonly actions: OrderActions,
    private readonly templates: TemplatesService,
    /** The key of the ids of users and employers. */
    private readonly idKey: Uint8Array,
    private readonly random: RandomBytes,
    private readonly published: Published,
    private readonly logger: Logger,
  ) {}

  /**
   * Creates an order. When it resolves, the events of the order are published: other services know its verifications, or find them on
   * the topic.
   * @throws ApiError 400 for an unknown template, version or verification; 503 EVENTS_NOT_PUBLISHED: the order is stored
   */
  async create(
    principal: Principal,
    command: CreateOrder,
    key: string | undefined,
  ): Promise<OrderView> {
    const request = { key, route: 'POST orders', body: command };
    const created = await this.actions.run(principal, request, async (client, context) => {
      const template = await this.templateOf(client, principal, command);
      const orderId = randomUUID();
      await context.isAbout(orderId);
      await this.store(client, principal, { orderId, command, template, context });
      return (await orderView(client, principal, orderId))!;
    });
    crashPoint('orders.created');
    await this.published(created.id).catch((error: unknown) => {
      throw apiErrorOf(error);
    });
    this.report(principal, created);
    return created;
  }

  /** Cancels every verification that is not completed. @throws ApiError 409 */
  cancel(principal: Principal, orderId: string, key: string | undefined): Promise<OrderView> {
    const request = { key, route: `POST orders/${orderId}/cancel` };
    return this.act(principal, orderId, request, async (client, { by, now }) => {
      await execute(client, orderId, { type: 'CancelOrder', by, now });
    });
  }

  /** Refreshes the results of completed verifications. @throws ApiError 409 while another refresh is under way */
  refresh(
    principal: Principal,
    orderId: string,
    selection: RefreshOrder,
    key: string | undefined,
  ): Promise<OrderView> {
    const request = { key, route: `POST orders/${orderId}/refresh`, body: selection };
    return this.act(principal, orderId, request, async (client, { by, now }) => {
      const verificationIds = selection.verificationIds ?? null;
      if (verificationIds) await this.checkSelected(client, principal, orderId, verificationIds);
      const refreshId = randomUUID();
      const command = { type: 'RefreshOrder' as const, refreshId, verificationIds, by, now };
      await execute(client, orderId, command);
    });
  }

  private report({ organizationId, environment }: Principal, order: OrderView): void {
    const { id: orderId, templateId, templateVersion, correlationId } = order;
    this.logger.info({
      event: 'order.created',
      organizationId,
      environment,
      orderId,
      templateId,
      templateVersion,
      ...(correlationId !== null && { correlationId }),
    });
  }

  private act(
    principal: Principal,
    orderId: string,
    request: PostRequest,
    work: (client: PoolClient, context: ActionContext) => Promise<void>,
  ): Promise<OrderView> {
    return this.actions.run(principal, request, async (client, context) => {
      await lockOrder(client, principal, orderId);
      await context.isAbout(orderId);
      await work(client, context);
      return (await orderView(client, principal, orderId))!;
    });
  }

  private async checkSelected(
    client: PoolClient,
    principal: Principal,
    orderId: string,
    selected: readonly string[],
  ): Promise<void> {
    const order = (await orderView(client, principal, orderId))!;
    const known = new Set(order.verifications.map(({ id }) => id));
    const rule = 'must be a verification of the order';
    const errors = selected.flatMap((id, i) =>
      known.has(id) ? [] : [{ field: `verificationIds.${i}`, rule }],
    );
    if (errors.length > 0) throw invalid(errors);
  }

  private async templateOf(
    client: PoolClient,
    principal: Principal,
    { templateId, templateVersion }: CreateOrder,
  ): Promise<OrderTemplate> {
    const found = await this.templates.find(client, principal, templateId, templateVersion);
    if (found) return found;
    const latest = await this.templates.find(client, principal, templateId);
    throw invalid([
      latest
        ? {
            field: 'templateVersion',
            rule: `must be a version of the template, the latest is ${latest.version}`,
          }
        : { field: 'templateId', rule: 'must be a template of yours, or of the platform' },
    ]);
  }

  private async store(
    client: PoolClient,
    { organizationId, environment }: Principal,
    order: {
      orderId: string;
      command: CreateOrder;
      template: OrderTemplate;
      context: ActionContext;
    },
  ): Promise<void> {
    const { orderId, command, template, context } = order;
    const tenant = { organizationId, environment };
    const ids: Ids = {
      random: randomUUID,
      opaque: (kind, externalId) => opaqueId(this.idKey, tenant, kind, externalId),
    };
    const verifications = verificationsOf(command, template, ids);
    const create: OrderCommand = {
      type: 'CreateOrder',
      orderId,
      ...tenant,
      number: await reserveNumber(client, tenant, orderId, this.random),
      templateId: template.id,
      templateVersion: template.version,
      userId: userIdOf(command, ids),
      verifications: verifications.map(({ ordered }) => ordered),
      by: context.by,
      now: context.now,
    };
    await execute(client, orderId, create);
    await saveOrderData(client, orderId, command);
    for (const { ordered, employer } of verifications)
      if (employer)
        await saveEmployer(client, { orderId, verificationId: ordered.verificationId }, employer);
  }
}

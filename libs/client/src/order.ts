import type {
  CreateOrder,
  CreateTemplate,
  GiveInformation,
  OrderStatus,
  OrderSummary,
  OrderTemplate,
  OrderView,
  RefreshOrder,
  TemplateContent,
  VerificationView,
} from '@casewire/contracts';
import type { z } from 'zod';

import { Api } from './api.ts';
import type { PageOf } from './delivery.ts';
import { query, type Page } from './partner.ts';

/** Which orders to list, and which page of them; a condition that is missing is ignored. */
export interface OrderFilter extends PageOf {
  status?: OrderStatus;
  number?: string;
  userId?: string;
  templateId?: string;
  /** Created at this time or later. */
  from?: string;
  /** Created before this time. */
  to?: string;
}

/**
 * Orders of verifications, and the templates that they follow. Every method throws ApiError if the API refuses the request. A request that is
 * sent again with the same Idempotency-Key is carried out once.
 */
export class OrderClient {
  private readonly api: Api;

  /** @param url the origin of the platform */
  constructor(url: string, apiKey: string) {
    this.api = new Api(url, apiKey);
  }

  createTemplate(template: z.input<typeof CreateTemplate>, key?: string): Promise<OrderTemplate> {
    return this.post('templates', template, key);
  }

  /** Adds the next version of a template. Orders keep the version with which they were created. */
  addTemplateVersion(
    id: string,
    content: z.input<typeof TemplateContent>,
    key?: string,
  ): Promise<OrderTemplate> {
    return this.post(`templates/${id}/versions`, content, key);
  }

  /** The latest versions of the templates of the platform and of the organization. */
  templates(page: PageOf = {}): Promise<Page<OrderTemplate>> {
    return this.api.call(`/orders/v1/templates${query({ ...page })}`);
  }

  /** A version of a template; the latest by default. */
  template(id: string, version?: number): Promise<OrderTemplate> {
    return this.api.call(`/orders/v1/templates/${id}${query({ version })}`);
  }

  /** Orders the verifications of a template. When it resolves, cases can be submitted for them. */
  create(order: z.input<typeof CreateOrder>, key?: string): Promise<OrderView> {
    return this.post('orders', order, key);
  }

  /** Orders, newest first. */
  orders(filter: OrderFilter = {}): Promise<Page<OrderSummary>> {
    return this.api.call(`/orders/v1/orders${query({ ...filter })}`);
  }

  /** An order with its verifications, tasks and reports. */
  order(id: string): Promise<OrderView> {
    return this.api.call(`/orders/v1/orders/${id}`);
  }

  /** Cancels every verification of an order that is not completed. */
  cancel(id: string, key?: string): Promise<OrderView> {
    return this.post(`orders/${id}/cancel`, undefined, key);
  }

  /** Refreshes the results of completed verifications; by default of all. */
  refresh(id: string, selection: RefreshOrder = {}, key?: string): Promise<OrderView> {
    return this.post(`orders/${id}/refresh`, selection, key);
  }

  /** Deletes an order, and the cases that were submitted for it. */
  async remove(id: string): Promise<void> {
    await this.api.call(`/orders/v1/orders/${id}`, { method: 'DELETE' });
  }

  /** A verification with its tasks and what it allows. */
  verification(id: string): Promise<VerificationView> {
    return this.api.call(`/orders/v1/verifications/${id}`);
  }

  approve(verificationId: string, key?: string): Promise<VerificationView> {
    return this.post(`verifications/${verificationId}/approve`, undefined, key);
  }

  /** Refuses the approval: the verification is canceled. */
  refuse(verificationId: string, key?: string): Promise<VerificationView> {
    return this.post(`verifications/${verificationId}/refuse`, undefined, key);
  }

  cancelVerification(verificationId: string, key?: string): Promise<VerificationView> {
    return this.post(`verifications/${verificationId}/cancel`, undefined, key);
  }

  /** Answers a verification that requires action. */
  giveInformation(
    verificationId: string,
    data: GiveInformation['data'],
    key?: string,
  ): Promise<VerificationView> {
    return this.post(`verifications/${verificationId}/information`, { data }, key);
  }

  private post<T>(path: string, body: unknown, key: string | undefined): Promise<T> {
    return this.api.call(`/orders/v1/${path}`, {
      method: 'POST',
      ...(body !== undefined && { body }),
      ...(key !== undefined && { idempotencyKey: key }),
    });
  }
}

import { Sealer } from '@casewire/auth';
import type { Logger } from '@casewire/telemetry';
import type { Type } from '@nestjs/common';
import type { Pool } from 'pg';

import { OrderActions, type Wakeable } from './actions/order-actions.ts';
import { ErasureController } from './erasure/erasure.controller.ts';
import { ErasureService } from './erasure/erasure.service.ts';
import type { RandomBytes } from './orders/order-number.ts';
import { OrdersController } from './orders/orders.controller.ts';
import { OrdersService, type Published } from './orders/orders.service.ts';
import { ReadingController } from './reading/reading.controller.ts';
import { ReadingService } from './reading/reading.service.ts';
import type { PlatformTemplates } from './templates/platform-templates.ts';
import { TemplatesController } from './templates/templates.controller.ts';
import { TemplatesService } from './templates/templates.service.ts';
import { VerificationsController } from './verifications/verifications.controller.ts';
import { VerificationsService } from './verifications/verifications.service.ts';

/** What the API of orders is built on. */
export interface OrderApiOptions {
  pool: Pool;
  templates: PlatformTemplates;
  relay: Wakeable;
  published: Published;
  /** Seals stored responses, and is the key of the ids of users and employers. */
  sealingKey: Uint8Array;
  /** Draws the numbers of orders. */
  random: RandomBytes;
  now: () => Date;
  logger: Logger;
}

/** The routes below /orders/v1, and the services that carry them out. */
export function orderApi(options: OrderApiOptions): { controllers: Type[]; providers: object[] } {
  const { pool, relay, sealingKey, now } = options;
  const actions = new OrderActions(pool, new Sealer(sealingKey), relay, now);
  const templates = new TemplatesService(pool, options.templates, actions);
  return {
    controllers: [
      TemplatesController,
      OrdersController,
      ReadingController,
      VerificationsController,
      ErasureController,
    ],
    providers: [
      templates,
      new OrdersService(
        actions,
        templates,
        sealingKey,
        options.random,
        options.published,
        options.logger,
      ),
      new ReadingService(pool),
      new VerificationsService(actions),
      new ErasureService(pool, relay, now),
    ],
  };
}
